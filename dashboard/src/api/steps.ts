/** A task's journal, its replay, and tasks that are forked off at a step. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { dataOf, orchestrator, totalOf } from './client'
import { taskKey } from './tasks'
import type { ForkRequest } from './types'

/** The most that one answer holds; tasks with more say so. */
const MOST = 200
const WHILE_RUNNING_MS = 3000

export function stepsQuery(taskId: string, { grows }: { grows: boolean }) {
  return queryOptions({
    queryKey: [...taskKey(taskId), 'steps'],
    queryFn: async ({ signal }) => {
      const result = await orchestrator.GET('/api/v1/pipeline/tasks/{task_id}/steps', {
        params: { path: { task_id: taskId }, query: { limit: MOST } },
        signal,
      })
      const steps = dataOf(result)
      return { steps, total: totalOf(result.response) ?? steps.length }
    },
    refetchInterval: grows ? WHILE_RUNNING_MS : false,
  })
}

export function useReplayTask(taskId: string) {
  return useMutation({
    mutationFn: async () =>
      dataOf(
        await orchestrator.POST('/api/v1/pipeline/tasks/{task_id}/replay', {
          params: { path: { task_id: taskId } },
        }),
      ),
  })
}

/** `key` makes a second press of the same button the same fork. */
export function useForkTask(taskId: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async ({ body, key }: { body: ForkRequest; key: string }) =>
      dataOf(
        await orchestrator.POST('/api/v1/pipeline/tasks/{task_id}/fork', {
          params: { path: { task_id: taskId }, header: { 'Idempotency-Key': key } },
          body,
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ['tasks', 'list'] }),
  })
}
