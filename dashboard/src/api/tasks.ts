/** Pipeline tasks: lists, one task with all that belongs to it, and what a person may do to it. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { dataOf, orchestrator, totalOf } from './client'
import type { PipelineSubmit, ReviewRequest, TaskStatus } from './types'

export const PAGE_SIZE = 25
const WHILE_RUNNING_MS = 1500
const WHILE_IDLE_MS = 15_000

const TERMINAL: ReadonlySet<TaskStatus> = new Set(['complete', 'failed', 'cancelled'])
const WAITING: ReadonlySet<TaskStatus> = new Set(['pending_human_review', 'clarification_needed'])

export function isTerminal(status: TaskStatus): boolean {
  return TERMINAL.has(status)
}

export function isWaiting(status: TaskStatus): boolean {
  return WAITING.has(status)
}

/** Whether somebody works on it, or will without being asked. */
export function isActive(status: TaskStatus): boolean {
  return !isTerminal(status) && !isWaiting(status)
}

const taskKeys = {
  all: ['tasks'] as const,
  list: (status: string | null, page: number) => ['tasks', 'list', status, page] as const,
  one: (id: string) => ['tasks', 'one', id] as const,
  part: (id: string, part: string) => ['tasks', 'one', id, part] as const,
}

export function taskKey(id: string) {
  return taskKeys.one(id)
}

export function tasksQuery(status: string | null, page: number) {
  return queryOptions({
    queryKey: taskKeys.list(status, page),
    queryFn: async ({ signal }) => {
      const result = await orchestrator.GET('/api/v1/pipeline/tasks', {
        params: {
          query: {
            ...(status === null ? {} : { status }),
            limit: PAGE_SIZE,
            offset: page * PAGE_SIZE,
          },
        },
        signal,
      })
      const tasks = dataOf(result)
      return { tasks, total: totalOf(result.response) ?? tasks.length }
    },
    refetchInterval: (query) =>
      query.state.data?.tasks.some((task) => isActive(task.status))
        ? WHILE_RUNNING_MS
        : WHILE_IDLE_MS,
  })
}

export const queueStatsQuery = queryOptions({
  queryKey: [...taskKeys.all, 'queue-stats'],
  queryFn: async ({ signal }) =>
    dataOf(await orchestrator.GET('/api/v1/pipeline/queue-stats', { signal })),
  refetchInterval: 5000,
})

export function taskQuery(id: string) {
  return queryOptions({
    queryKey: taskKeys.one(id),
    queryFn: async ({ signal }) =>
      dataOf(
        await orchestrator.GET('/api/v1/pipeline/tasks/{task_id}', {
          params: { path: { task_id: id } },
          signal,
        }),
      ),
    // The event feed tells sooner; this is for the times when it is broken.
    refetchInterval: (query) => {
      const status = query.state.data?.status
      return status !== undefined && isActive(status) ? WHILE_RUNNING_MS * 2 : false
    },
  })
}

export function stagesQuery(id: string) {
  return queryOptions({
    queryKey: taskKeys.part(id, 'stages'),
    queryFn: async ({ signal }) =>
      dataOf(
        await orchestrator.GET('/api/v1/pipeline/tasks/{task_id}/stages', {
          params: { path: { task_id: id } },
          signal,
        }),
      ),
  })
}

export function findingsQuery(id: string) {
  return queryOptions({
    queryKey: taskKeys.part(id, 'findings'),
    queryFn: async ({ signal }) =>
      dataOf(
        await orchestrator.GET('/api/v1/pipeline/tasks/{task_id}/findings', {
          params: { path: { task_id: id } },
          signal,
        }),
      ),
  })
}

export function reviewsQuery(id: string) {
  return queryOptions({
    queryKey: taskKeys.part(id, 'reviews'),
    queryFn: async ({ signal }) =>
      dataOf(
        await orchestrator.GET('/api/v1/pipeline/tasks/{task_id}/reviews', {
          params: { path: { task_id: id } },
          signal,
        }),
      ),
  })
}

export function artifactsQuery(id: string) {
  return queryOptions({
    queryKey: taskKeys.part(id, 'artifacts'),
    queryFn: async ({ signal }) =>
      dataOf(
        await orchestrator.GET('/api/v1/pipeline/tasks/{task_id}/artifacts', {
          params: { path: { task_id: id } },
          signal,
        }),
      ),
  })
}

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: taskKeys.all }),
  })
}

/** `key` makes a second press of the same button the same task. */
export function useSubmitTask() {
  return useChange(async ({ body, key }: { body: PipelineSubmit; key: string }) =>
    dataOf(
      await orchestrator.POST('/api/v1/pipeline/tasks', {
        body: { ...body, idempotency_key: key },
      }),
    ),
  )
}

export function useCancelTask(id: string) {
  return useChange(() =>
    orchestrator.POST('/api/v1/pipeline/tasks/{task_id}/cancel', {
      params: { path: { task_id: id } },
    }),
  )
}

export function useReviewTask(id: string) {
  return useChange((body: ReviewRequest) =>
    orchestrator.POST('/api/v1/pipeline/tasks/{task_id}/review', {
      params: { path: { task_id: id } },
      body,
    }),
  )
}

export function useClarifyTask(id: string) {
  return useChange((answers: string[]) =>
    orchestrator.POST('/api/v1/pipeline/tasks/{task_id}/clarify', {
      params: { path: { task_id: id } },
      body: { answers },
    }),
  )
}
