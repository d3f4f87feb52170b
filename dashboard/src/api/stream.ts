/** Server-sent events over fetch, followed across broken connections by their ids. */
import { absolute, request } from './client'
import { ApiError } from './errors'
import type { StreamEvent } from './types'

/** One event with its id; `id` is null for the few that can't be resumed from. */
export interface Entry {
  id: number | null
  event: StreamEvent
}

const DONE = '[DONE]'
const FIRST_RETRY_MS = 300
const LONGEST_RETRY_MS = 5000

/** Splits a byte stream into events. Comments are heartbeats and are dropped. */
export class SseParser {
  private rest = ''
  private id: number | null = null
  private data: string[] = []

  /** The events that this piece completes: `data` is the text of its data lines. */
  push(piece: string): { id: number | null; data: string }[] {
    const lines = (this.rest + piece).split(/\r\n|\n|\r(?!$)/)
    this.rest = lines.pop() ?? ''
    return lines.flatMap((line) => this.line(line) ?? [])
  }

  private line(line: string): { id: number | null; data: string } | null {
    if (line === '') {
      if (this.data.length === 0) return null
      const complete = { id: this.id, data: this.data.join('\n') }
      this.data = []
      this.id = null
      return complete
    }
    const colon = line.indexOf(':')
    if (colon === 0) return null
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.data.push(value)
    if (field === 'id' && /^\d+$/.test(value)) this.id = Number(value)
    return null
  }
}

/** How far a reader has come. */
interface Cursor {
  lastId: number | null
  done: boolean
  failures: number
}

/** Reads one response to its end; `[DONE]` sets the cursor's `done`, a cut connection does not. */
async function* readEvents(response: Response, cursor: Cursor): AsyncGenerator<Entry, void> {
  if (response.body === null) return
  const parser = new SseParser()
  const decoder = new TextDecoder()
  const reader = response.body.getReader()
  try {
    while (!cursor.done) {
      const { done, value } = await reader.read()
      if (done) return
      for (const { id, data } of parser.push(decoder.decode(value, { stream: true }))) {
        if (data === DONE) cursor.done = true
        else yield { id, event: JSON.parse(data) as StreamEvent }
      }
    }
  } finally {
    // The connection is of no use to anybody any more, whoever left the loop.
    await reader.cancel().catch(() => undefined)
  }
}

/** Whether the reader has not seen this event; a stream may begin again from its start. */
function advance(cursor: Cursor, { id }: Entry): boolean {
  cursor.failures = 0
  if (id === null) return true
  if (cursor.lastId !== null && id <= cursor.lastId) return false
  cursor.lastId = id
  return true
}

export interface Followed {
  /** Where the stream can be resumed, such as /api/v1/tasks/{id}/events. */
  path: string
  signal: AbortSignal
  /** An answer that is being read already; without it the first one is asked for at `path`. */
  first?: Response | undefined
  onConnection?: (connected: boolean) => void
}

/** Every event exactly once until `[DONE]`, however often the connection breaks. */
export async function* follow(followed: Followed): AsyncGenerator<Entry, void> {
  const { signal, onConnection } = followed
  const cursor: Cursor = { lastId: null, done: false, failures: 0 }
  let { first } = followed
  while (!signal.aborted) {
    try {
      yield* attempt(followed, cursor, first)
    } catch (error) {
      if (signal.aborted) return
      if (!isBrokenConnection(error)) throw error
    }
    if (cursor.done) return
    first = undefined
    onConnection?.(false)
    await pause(Math.min(FIRST_RETRY_MS * 2 ** cursor.failures, LONGEST_RETRY_MS), signal)
    cursor.failures += 1
  }
}

async function* attempt(
  { path, signal, onConnection }: Followed,
  cursor: Cursor,
  first: Response | undefined,
): AsyncGenerator<Entry, void> {
  const response = first ?? (await open(path, cursor.lastId, signal))
  onConnection?.(true)
  for await (const entry of readEvents(response, cursor)) {
    if (advance(cursor, entry)) yield entry
  }
}

/** A reader whose connection breaks gets a TypeError, in every browser. */
function isBrokenConnection(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof ApiError && error.temporary)
}

async function open(path: string, lastId: number | null, signal: AbortSignal): Promise<Response> {
  const headers = new Headers({ Accept: 'text/event-stream' })
  if (lastId !== null) headers.set('Last-Event-ID', String(lastId))
  return await request(new Request(absolute(path), { headers, signal, cache: 'no-store' }))
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
