import { afterEach, describe, expect, it, vi } from 'vitest'
import { number, sseResponse, type Timed } from '@/mocks/sse'
import { ApiError } from './errors'
import { type Entry, follow, SseParser } from './stream'

const TEXT = [
  ': a heartbeat\n\n',
  'id: 1\ndata: {"delta":"one"}\n\n',
  'data: {"delta":\ndata: "two"}\r\n\r\n',
  'id: 7\nevent: odd\ndata:{"delta":"grüße"}\n\n',
  'data: [DONE]\n\n',
].join('')

function parse(pieces: string[]) {
  const parser = new SseParser()
  return pieces.flatMap((piece) => parser.push(piece))
}

describe('SseParser', () => {
  it('reads ids, joined data lines and heartbeats', () => {
    expect(parse([TEXT])).toEqual([
      { id: 1, data: '{"delta":"one"}' },
      { id: null, data: '{"delta":\n"two"}' },
      { id: 7, data: '{"delta":"grüße"}' },
      { id: null, data: '[DONE]' },
    ])
  })

  it('gives the same wherever the text is cut', () => {
    const whole = parse([TEXT])
    for (let cut = 1; cut < TEXT.length; cut += 1) {
      expect(parse([TEXT.slice(0, cut), TEXT.slice(cut)])).toEqual(whole)
    }
    expect(parse([...TEXT])).toEqual(whole)
  })

  it('keeps an event back until its empty line is there', () => {
    expect(parse(['id: 1\ndata: {}\n'])).toEqual([])
  })
})

const EVENTS: Timed[] = number(
  ['a', 'b', 'c', 'd'].map((delta) => ({ after: 0, event: { delta } })),
  10,
)

async function collect(given: { first?: Response; signal?: AbortSignal } = {}) {
  const found: Entry[] = []
  const connections: boolean[] = []
  const events = follow({
    path: '/api/v1/tasks/x/events',
    signal: given.signal ?? new AbortController().signal,
    first: given.first,
    onConnection: (connected) => connections.push(connected),
  })
  for await (const entry of events) found.push(entry)
  return { ids: found.map(({ id }) => id), connections }
}

function serve(...answers: ((request: Request) => Response)[]) {
  const seen: (string | null)[] = []
  const queue = [...answers]
  vi.stubGlobal('fetch', async (request: Request) => {
    seen.push(request.headers.get('Last-Event-ID'))
    const answer = queue.shift()
    if (answer === undefined) throw new Error('asked once too often')
    return answer(request)
  })
  return seen
}

describe('follow', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('goes on after the last id when the connection is cut', async () => {
    const seen = serve(
      () => sseResponse(EVENTS, { pace: 0, cutAfter: 11 }),
      () => sseResponse(EVENTS.slice(2), { pace: 0 }),
    )
    expect(await collect()).toEqual({ ids: [10, 11, 12, 13], connections: [true, false, true] })
    expect(seen).toEqual([null, '11'])
  })

  it('leaves out what it has seen when a stream begins again', async () => {
    serve(
      () => sseResponse(EVENTS, { pace: 0, cutAfter: 12 }),
      () => sseResponse(EVENTS, { pace: 0 }),
    )
    expect((await collect()).ids).toEqual([10, 11, 12, 13])
  })

  it('reads a given answer first and resumes elsewhere', async () => {
    const seen = serve(() => sseResponse(EVENTS.slice(1), { pace: 0 }))
    const first = sseResponse(EVENTS, { pace: 0, cutAfter: 10 })
    expect((await collect({ first })).ids).toEqual([10, 11, 12, 13])
    expect(seen).toEqual(['10'])
  })

  it('tries again while a service is away', async () => {
    serve(
      () => new Response('{"detail":"starting","code":"x"}', { status: 503 }),
      () => sseResponse(EVENTS, { pace: 0 }),
    )
    expect((await collect()).ids).toHaveLength(4)
  })

  it('gives up on an error that another try can not mend', async () => {
    serve(
      () => new Response('{"detail":"There is no task.","code":"unknown_task"}', { status: 404 }),
    )
    await expect(collect()).rejects.toThrow(ApiError)
  })

  it('stops without an error when nobody listens any more', async () => {
    const controller = new AbortController()
    serve(() => {
      controller.abort()
      return sseResponse(EVENTS, { pace: 0, cutAfter: 10 })
    })
    await expect(collect({ signal: controller.signal })).resolves.toBeDefined()
  })
})
