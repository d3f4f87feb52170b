/** Turns a stream's events into what a person sees: rewinds applied, calls joined with results. */
import type { Entry } from '@/api/stream'
import type { TypedEvent } from '@/api/types'

type EventOf<Type extends TypedEvent['type']> = Extract<TypedEvent, { type: Type }>

export interface ToolPart {
  kind: 'tool'
  key: string
  id: string
  name: string
  arguments: Record<string, unknown>
  result: { ok: boolean; summary: string } | null
}

export type Part =
  | { kind: 'text'; key: string; text: string }
  | ToolPart
  | { kind: 'heading'; key: string; text: string }
  | { kind: 'note'; key: string; event: NoteEvent }

export type NoteEvent = EventOf<'stage' | 'status' | 'finding' | 'verdict' | 'artifact' | 'error'>

export interface Transcript {
  parts: Part[]
  model: string | null
  usage: EventOf<'usage'> | null
}

/** Leaves out what a rewind has made void: everything after `to`, but not the rewind's followers. */
export function applyRewinds(entries: readonly Entry[]): Entry[] {
  let valid: Entry[] = []
  for (const entry of entries) {
    if ('type' in entry.event && entry.event.type === 'rewind') {
      const { to } = entry.event
      valid = valid.filter(({ id }) => id === null || id <= to)
    } else {
      valid.push(entry)
    }
  }
  return valid
}

export function assemble(entries: readonly Entry[]): Transcript {
  const transcript: Transcript = { parts: [], model: null, usage: null }
  const valid = applyRewinds(entries)
  for (const [index, { id, event }] of valid.entries()) {
    const key = id === null ? `n${index}` : `e${id}`
    if ('type' in event) addTyped(transcript, event, key)
    else addText(transcript.parts, event.delta, key)
  }
  return transcript
}

function addText(parts: Part[], text: string, key: string): void {
  const last = parts.at(-1)
  if (last?.kind === 'text') last.text += text
  else parts.push({ kind: 'text', key, text })
}

function addTyped(transcript: Transcript, event: TypedEvent, key: string): void {
  const { parts } = transcript
  switch (event.type) {
    case 'meta':
      transcript.model = event.model
      return
    case 'usage':
      transcript.usage = event
      return
    case 'rewind':
      return
    case 'tool_call':
      parts.push({
        kind: 'tool',
        key,
        id: event.id,
        name: event.name,
        arguments: event.arguments,
        result: null,
      })
      return
    case 'tool_result':
      addResult(parts, event, key)
      return
    default:
      parts.push({ kind: 'note', key, event })
  }
}

function addResult(parts: Part[], event: EventOf<'tool_result'>, key: string): void {
  const result = { ok: event.ok, summary: event.summary }
  const call = parts.findLast((part) => part.kind === 'tool' && part.id === event.id)
  if (call?.kind === 'tool') call.result = result
  else parts.push({ kind: 'tool', key, id: event.id, name: event.name, arguments: {}, result })
}
