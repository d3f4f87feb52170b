/** Providers, their keys, and servers of one's own. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { dataOf, gateway } from './client'
import { modelKeys } from './models'
import type { KeyChange, NewKey, ProviderChange } from './types'

const providerKeys = { all: ['providers'] as const }

/** How often the states are read again while the page is open. */
const REFRESH_MS = 15_000

export const providersQuery = queryOptions({
  queryKey: [...providerKeys.all, 'list'],
  queryFn: async ({ signal }) => dataOf(await gateway.GET('/v1/providers', { signal })),
  refetchInterval: REFRESH_MS,
})

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: providerKeys.all }),
        client.invalidateQueries({ queryKey: modelKeys.all }),
      ]),
  })
}

export function useChangeProvider() {
  return useChange(async ({ slug, ...body }: ProviderChange & { slug: string }) =>
    dataOf(await gateway.PUT('/v1/providers/{slug}', { params: { path: { slug } }, body })),
  )
}

/** Removes a custom server, or what was set for a built-in provider. */
export function useForgetProvider(slug: string) {
  return useChange(() => gateway.DELETE('/v1/providers/{slug}', { params: { path: { slug } } }))
}

export function useAddKey(slug: string) {
  return useChange(async (body: NewKey) =>
    dataOf(
      await gateway.POST('/v1/providers/{slug}/credentials', { params: { path: { slug } }, body }),
    ),
  )
}

function keyPath(slug: string, id: string) {
  return { params: { path: { slug, credential_id: id } } }
}

export function useChangeKey(slug: string, id: string) {
  return useChange((body: KeyChange) =>
    gateway.PATCH('/v1/providers/{slug}/credentials/{credential_id}', {
      ...keyPath(slug, id),
      body,
    }),
  )
}

export function useRemoveKey(slug: string, id: string) {
  return useChange(() =>
    gateway.DELETE('/v1/providers/{slug}/credentials/{credential_id}', keyPath(slug, id)),
  )
}

/** Asks the provider with this key; one that works is taken back into use. */
export function useTestKey(slug: string, id: string) {
  return useChange(async () =>
    dataOf(
      await gateway.POST(
        '/v1/providers/{slug}/credentials/{credential_id}/test',
        keyPath(slug, id),
      ),
    ),
  )
}
