/** Chat sessions: reading, opening a turn, stopping it. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { absolute, dataOf, orchestrator, request } from './client'
import { follow } from './stream'

export const chatKeys = {
  all: ['chat'] as const,
  sessions: ['chat', 'sessions'] as const,
  session: (id: string) => ['chat', 'session', id] as const,
}

export const chatSessionsQuery = queryOptions({
  queryKey: chatKeys.sessions,
  queryFn: async ({ signal }) =>
    dataOf(
      await orchestrator.GET('/api/v1/chat/sessions', {
        params: { query: { limit: 200 } },
        signal,
      }),
    ),
})

export function chatSessionQuery(id: string) {
  return queryOptions({
    queryKey: chatKeys.session(id),
    queryFn: async ({ signal }) =>
      dataOf(
        await orchestrator.GET('/api/v1/chat/sessions/{session_id}', {
          params: { path: { session_id: id } },
          signal,
        }),
      ),
  })
}

export interface OpenedTurn {
  sessionId: string
  taskId: string
  response: Response
}

/** Starts a turn; the answer's head says in which session and as which task it runs. */
export async function openTurn(given: {
  text: string
  sessionId: string | null
  /** Makes a second try of the same message the same turn. */
  key: string
}): Promise<OpenedTurn> {
  const { text, sessionId, key } = given
  const body = {
    messages: [{ role: 'user' as const, content: text }],
    ...(sessionId === null ? {} : { session_id: sessionId }),
  }
  const response = await request(
    new Request(absolute('/api/v1/chat/stream'), {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'text/event-stream',
        'Idempotency-Key': key,
      },
      body: JSON.stringify(body),
    }),
  )
  return {
    response,
    sessionId: response.headers.get('X-Session-Id') ?? '',
    taskId: response.headers.get('X-Task-Id') ?? '',
  }
}

export function followTurn(
  taskId: string,
  given: { signal: AbortSignal; first?: Response; onConnection: (connected: boolean) => void },
) {
  return follow({ path: `/api/v1/tasks/${encodeURIComponent(taskId)}/events`, ...given })
}

export async function cancelTurn(taskId: string): Promise<void> {
  await orchestrator.POST('/api/v1/tasks/{task_id}/cancel', {
    params: { path: { task_id: taskId } },
  })
}

export function useDeleteSession() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) =>
      orchestrator.DELETE('/api/v1/chat/sessions/{session_id}', {
        params: { path: { session_id: id } },
      }),
    onSuccess: (_, id) => {
      client.removeQueries({ queryKey: chatKeys.session(id) })
      return client.invalidateQueries({ queryKey: chatKeys.sessions })
    },
  })
}
