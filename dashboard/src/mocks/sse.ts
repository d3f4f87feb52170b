/** A response that sends events one after another, as the services do. */
import type { StreamEvent } from '@/api/types'

export interface Timed {
  id: number
  /** Milliseconds before it is sent, at pace 1. */
  after: number
  event: StreamEvent
}

export interface SseOptions {
  pace: number
  headers?: Record<string, string>
  signal?: AbortSignal
  onEvent?: (event: StreamEvent) => void
  /** Cuts the connection after the event with this id, without a word. */
  cutAfter?: number | undefined
}

export function sseResponse(events: readonly Timed[], options: SseOptions): Response {
  const encoder = new TextEncoder()
  const queue = [...events]
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = queue.shift()
      if (next === undefined) {
        controller.enqueue(encoder.encode('data: [DONE]\n\n'))
        controller.close()
        return
      }
      await pause(next.after * options.pace)
      if (options.signal?.aborted) return
      options.onEvent?.(next.event)
      controller.enqueue(encoder.encode(`id: ${next.id}\ndata: ${JSON.stringify(next.event)}\n\n`))
      if (next.id === options.cutAfter) controller.close()
    },
  })
  return new Response(body, {
    headers: { 'Content-Type': 'text/event-stream', ...options.headers },
  })
}

/** Ids from `first` on, in order. */
export function number(events: readonly Omit<Timed, 'id'>[], first = 1): Timed[] {
  return events.map((event, index) => ({ ...event, id: first + index }))
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
