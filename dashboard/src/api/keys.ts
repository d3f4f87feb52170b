/** API keys: what other programs call Nova with. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { dataOf, orchestrator, totalOf } from './client'
import type { ApiKeyLimits, CreateApiKey } from './types'

/** The most that a list gives at once. */
const LIMIT = 200
/** How often the last use is read again while the page is open. */
const REFRESH_MS = 15_000

const apiKeyKeys = { all: ['api-keys'] as const }

export const apiKeysQuery = queryOptions({
  queryKey: [...apiKeyKeys.all, 'list'],
  queryFn: async ({ signal }) => {
    const result = await orchestrator.GET('/api/v1/keys', {
      params: { query: { limit: LIMIT } },
      signal,
    })
    const keys = dataOf(result)
    return { keys, total: totalOf(result.response) ?? keys.length }
  },
  refetchInterval: REFRESH_MS,
})

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    // The answer to a creation holds the key: it is gone with the part of the page that shows it.
    gcTime: 0,
    onSettled: () => client.invalidateQueries({ queryKey: apiKeyKeys.all }),
  })
}

export function useCreateApiKey() {
  return useChange(async (body: CreateApiKey) =>
    dataOf(await orchestrator.POST('/api/v1/keys', { body })),
  )
}

/** Null takes a limit away. */
export function useLimitApiKey(id: string) {
  return useChange((body: ApiKeyLimits) =>
    orchestrator.PATCH('/api/v1/keys/{key_id}', { params: { path: { key_id: id } }, body }),
  )
}

export function useRevokeApiKey(id: string) {
  return useChange(() =>
    orchestrator.DELETE('/api/v1/keys/{key_id}', { params: { path: { key_id: id } } }),
  )
}
