/** Schedules: tasks that Nova submits at their time. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { dataOf, orchestrator, totalOf } from './client'
import type { CreateSchedule, SchedulePatch } from './types'

/** The most that a list gives at once. */
const LIMIT = 200
const RUNS_SHOWN = 10
const REFRESH_MS = 5000

const scheduleKeys = {
  all: ['schedules'] as const,
  runs: (id: string) => ['schedules', 'runs', id] as const,
}

export const schedulesQuery = queryOptions({
  queryKey: [...scheduleKeys.all, 'list'],
  queryFn: async ({ signal }) => {
    const result = await orchestrator.GET('/api/v1/schedules', {
      params: { query: { limit: LIMIT } },
      signal,
    })
    const schedules = dataOf(result)
    return { schedules, total: totalOf(result.response) ?? schedules.length }
  },
  refetchInterval: REFRESH_MS,
})

/** The latest runs of one schedule. */
export function runsQuery(id: string) {
  return queryOptions({
    queryKey: scheduleKeys.runs(id),
    queryFn: async ({ signal }) =>
      dataOf(
        await orchestrator.GET('/api/v1/schedules/{schedule_id}/runs', {
          params: { path: { schedule_id: id }, query: { limit: RUNS_SHOWN } },
          signal,
        }),
      ),
    refetchInterval: REFRESH_MS,
  })
}

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: scheduleKeys.all }),
  })
}

export function useCreateSchedule() {
  return useChange(async (body: CreateSchedule) =>
    dataOf(await orchestrator.POST('/api/v1/schedules', { body })),
  )
}

export function useUpdateSchedule(id: string) {
  return useChange(async (body: SchedulePatch) =>
    dataOf(
      await orchestrator.PATCH('/api/v1/schedules/{schedule_id}', {
        params: { path: { schedule_id: id } },
        body,
      }),
    ),
  )
}

export function useRunSchedule(id: string) {
  return useChange(async () =>
    dataOf(
      await orchestrator.POST('/api/v1/schedules/{schedule_id}/run', {
        params: { path: { schedule_id: id } },
      }),
    ),
  )
}

export function useDeleteSchedule(id: string) {
  return useChange(() =>
    orchestrator.DELETE('/api/v1/schedules/{schedule_id}', {
      params: { path: { schedule_id: id } },
    }),
  )
}
