/** External agents that work can be delegated to. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { dataOf, orchestrator, totalOf } from './client'
import type { CreateEndpoint } from './types'

/** The most that a list gives at once. */
const LIMIT = 200

const endpointKeys = { all: ['agent-endpoints'] as const }

export const endpointsQuery = queryOptions({
  queryKey: [...endpointKeys.all, 'list'],
  queryFn: async ({ signal }) => {
    const result = await orchestrator.GET('/api/v1/agent-endpoints', {
      params: { query: { limit: LIMIT } },
      signal,
    })
    const endpoints = dataOf(result)
    return { endpoints, total: totalOf(result.response) ?? endpoints.length }
  },
})

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: endpointKeys.all }),
  })
}

export function useCreateEndpoint() {
  return useChange(async (body: CreateEndpoint) =>
    dataOf(await orchestrator.POST('/api/v1/agent-endpoints', { body })),
  )
}

export function useEnableEndpoint(id: string) {
  return useChange((enabled: boolean) =>
    orchestrator.PATCH('/api/v1/agent-endpoints/{endpoint_id}', {
      params: { path: { endpoint_id: id } },
      body: { enabled },
    }),
  )
}

export function useDeleteEndpoint(id: string) {
  return useChange(() =>
    orchestrator.DELETE('/api/v1/agent-endpoints/{endpoint_id}', {
      params: { path: { endpoint_id: id } },
    }),
  )
}

/** Asks who is there; changes nothing. */
export function useTestEndpoint(id: string) {
  return useMutation({
    mutationFn: async () =>
      dataOf(
        await orchestrator.POST('/api/v1/agent-endpoints/{endpoint_id}/test', {
          params: { path: { endpoint_id: id } },
        }),
      ),
  })
}
