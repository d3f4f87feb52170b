/** Models with what is known of them, and what a person knows better. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { dataOf, gateway } from './client'
import type { ModelOverride } from './types'

export const modelKeys = { all: ['models'] as const }

export const modelsQuery = queryOptions({
  queryKey: [...modelKeys.all, 'details'],
  queryFn: async ({ signal }) => dataOf(await gateway.GET('/v1/models/details', { signal })),
})

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: modelKeys.all }),
  })
}

export function useSetOverride(model: string) {
  return useChange(async (body: ModelOverride) =>
    dataOf(
      await gateway.PUT('/v1/models/overrides/{model}', { params: { path: { model } }, body }),
    ),
  )
}

export function useRemoveOverride(model: string) {
  return useChange(() =>
    gateway.DELETE('/v1/models/overrides/{model}', { params: { path: { model } } }),
  )
}
