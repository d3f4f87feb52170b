import { describe, expect, it } from 'vitest'
import type { Entry } from '@/api/stream'
import type { StreamEvent } from '@/api/types'
import { applyRewinds, assemble } from './assemble'

function entries(...events: [number, StreamEvent][]): Entry[] {
  return events.map(([id, event]) => ({ id, event }))
}

const textOf = (all: Entry[]) =>
  assemble(all)
    .parts.map((part) => (part.kind === 'text' ? part.text : `<${part.kind}>`))
    .join('')

const CALL: StreamEvent = {
  type: 'tool_call',
  id: 'c',
  name: 'read_file',
  arguments: { path: 'a' },
}
const RESULT: StreamEvent = {
  type: 'tool_result',
  id: 'c',
  name: 'read_file',
  ok: true,
  summary: 'x',
}

describe('assemble', () => {
  it('joins deltas and parts them at a tool call', () => {
    expect(
      textOf(entries([1, { delta: 'a' }], [2, { delta: 'b' }], [3, CALL], [4, { delta: 'c' }])),
    ).toBe('ab<tool>c')
  })

  it('joins a call with its result', () => {
    const { parts } = assemble(entries([1, CALL], [2, { delta: 'meanwhile' }], [3, RESULT]))
    expect(parts[0]).toMatchObject({ kind: 'tool', result: { ok: true, summary: 'x' } })
    expect(parts).toHaveLength(2)
  })

  it('shows a result whose call is not there', () => {
    expect(assemble(entries([3, RESULT])).parts).toHaveLength(1)
  })

  it('keeps model and usage beside the parts', () => {
    const { parts, model, usage } = assemble(
      entries(
        [1, { type: 'meta', model: 'm', session_id: null, task_id: 't' }],
        [2, { type: 'usage', input_tokens: 1, output_tokens: 2, cost_usd: null }],
      ),
    )
    expect({ parts, model, tokens: usage?.output_tokens }).toEqual({
      parts: [],
      model: 'm',
      tokens: 2,
    })
  })
})

describe('rewind', () => {
  it('makes void what came after the id that it names', () => {
    const all = entries(
      [1, { delta: 'kept ' }],
      [5, { delta: 'void ' }],
      [9, { type: 'rewind', to: 1 }],
      [10, { delta: 'new' }],
    )
    expect(textOf(all)).toBe('kept new')
  })

  it('takes a tool result back but not its call', () => {
    const all = entries([1, CALL], [2, RESULT], [3, { type: 'rewind', to: 1 }])
    expect(assemble(all).parts).toMatchObject([{ kind: 'tool', result: null }])
  })

  it('to before the first event leaves nothing', () => {
    expect(textOf(entries([4, { delta: 'x' }], [5, { type: 'rewind', to: 3 }]))).toBe('')
  })

  it('reads the same whether events come at once or one by one, however many rewinds', () => {
    for (const all of streams(200)) {
      let stepwise: Entry[] = []
      for (const entry of all) stepwise = applyRewinds(stepwise.concat(entry))
      expect(applyRewinds(all)).toEqual(stepwise)
    }
  })

  it('leaves ids that rise, none of them void by the last rewind', () => {
    for (const all of streams(200)) {
      const valid = applyRewinds(all).map(({ id }) => id ?? 0)
      expect(valid).toEqual([...valid].sort((a, b) => a - b))
      const last = all.findLast(({ event }) => 'type' in event && event.type === 'rewind')
      const { to, id } = { to: 0, ...last?.event, id: last?.id ?? 0 }
      expect(valid.filter((one) => one > to && one < id)).toEqual([])
    }
  })
})

/** A small deterministic search through streams of deltas and rewinds: for laws, not examples. */
function* streams(count: number): Generator<Entry[]> {
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed % below
  }
  for (let run = 0; run < count; run += 1) {
    yield Array.from({ length: 12 }, (_, index): Entry => {
      const id = index + 1
      return random(4) === 0
        ? { id, event: { type: 'rewind', to: random(id) } }
        : { id, event: { delta: String(id) } }
    })
  }
}
