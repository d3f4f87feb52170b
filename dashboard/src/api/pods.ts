/** Pods: the teams of agents that a task can be given to. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { dataOf, orchestrator } from './client'
import type { PodPatch } from './types'

export const podsQuery = queryOptions({
  queryKey: ['pods'],
  queryFn: async ({ signal }) => dataOf(await orchestrator.GET('/api/v1/pods', { signal })),
  staleTime: 60_000,
})

export function useUpdatePod(id: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (body: PodPatch) =>
      dataOf(
        await orchestrator.PATCH('/api/v1/pods/{pod_id}', {
          params: { path: { pod_id: id } },
          body,
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: podsQuery.queryKey }),
  })
}
