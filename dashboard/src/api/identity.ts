/** Nova's name and greeting, as its owner has set them. */
import { queryOptions } from '@tanstack/react-query'
import { dataOf, orchestrator } from './client'

export const identityQuery = queryOptions({
  queryKey: ['identity'],
  queryFn: async ({ signal }) => dataOf(await orchestrator.GET('/api/v1/identity', { signal })),
  staleTime: 60_000,
})
