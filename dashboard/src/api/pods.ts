/** Pods: the teams of agents that a task can be given to. */
import { queryOptions } from '@tanstack/react-query'
import { dataOf, orchestrator } from './client'

export const podsQuery = queryOptions({
  queryKey: ['pods'],
  queryFn: async ({ signal }) => dataOf(await orchestrator.GET('/api/v1/pods', { signal })),
  staleTime: 60_000,
})
