/** The platform's configuration: values that hold everywhere at once. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { dataOf, orchestrator } from './client'
import { modelKeys } from './models'

const configKeys = { all: ['config'] as const }

/** Every value by its key. */
export const configQuery = queryOptions({
  queryKey: configKeys.all,
  queryFn: async ({ signal }) => {
    const entries = dataOf(await orchestrator.GET('/api/v1/config', { signal }))
    return new Map<string, unknown>(entries.map(({ key, value }) => [key, value]))
  },
})

/** Sets several values, one after the other; the first that is refused ends it. */
export function useSetConfig() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: async (values: Record<string, unknown>) => {
      for (const [key, value] of Object.entries(values)) {
        await orchestrator.PATCH('/api/v1/config/{key}', {
          params: { path: { key } },
          body: { value: JSON.stringify(value) },
        })
      }
    },
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: configKeys.all }),
        client.invalidateQueries({ queryKey: modelKeys.all }),
      ]),
  })
}
