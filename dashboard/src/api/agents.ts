/** Nova's agents, and the tools that they can be given. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { dataOf, orchestrator, totalOf } from './client'
import type { AgentConfig, AgentConfigPatch } from './types'

/** The most that a list gives at once. */
const LIMIT = 200
const REFRESH_MS = 5000

const agentKeys = { all: ['agents'] as const }

export const agentsQuery = queryOptions({
  queryKey: [...agentKeys.all, 'list'],
  queryFn: async ({ signal }) => {
    const result = await orchestrator.GET('/api/v1/agents', {
      params: { query: { limit: LIMIT } },
      signal,
    })
    const agents = dataOf(result)
    return { agents, total: totalOf(result.response) ?? agents.length }
  },
  refetchInterval: REFRESH_MS,
})

export const toolsQuery = queryOptions({
  queryKey: ['tools'],
  queryFn: async ({ signal }) => dataOf(await orchestrator.GET('/api/v1/tools', { signal })),
  staleTime: 60_000,
})

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: agentKeys.all }),
  })
}

export function useCreateAgent() {
  return useChange(async (config: AgentConfig) =>
    dataOf(await orchestrator.POST('/api/v1/agents', { body: { config } })),
  )
}

export function useConfigureAgent(id: string) {
  return useChange(async (body: AgentConfigPatch) =>
    dataOf(
      await orchestrator.PATCH('/api/v1/agents/{agent_id}/config', {
        params: { path: { agent_id: id } },
        body,
      }),
    ),
  )
}

export function useDeleteAgent(id: string) {
  return useChange(() =>
    orchestrator.DELETE('/api/v1/agents/{agent_id}', { params: { path: { agent_id: id } } }),
  )
}
