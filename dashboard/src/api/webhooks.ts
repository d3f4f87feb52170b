/** Webhooks: addresses that other systems call to submit a task. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { absolute, dataOf, orchestrator, totalOf } from './client'
import type { CreateWebhook, Webhook } from './types'

/** The most that a list gives at once. */
const LIMIT = 200
const DELIVERIES_SHOWN = 10
const REFRESH_MS = 5000

const webhookKeys = {
  all: ['webhooks'] as const,
  deliveries: (id: string) => ['webhooks', 'deliveries', id] as const,
}

export const webhooksQuery = queryOptions({
  queryKey: [...webhookKeys.all, 'list'],
  queryFn: async ({ signal }) => {
    const result = await orchestrator.GET('/api/v1/webhooks', {
      params: { query: { limit: LIMIT } },
      signal,
    })
    const webhooks = dataOf(result)
    return { webhooks, total: totalOf(result.response) ?? webhooks.length }
  },
  refetchInterval: REFRESH_MS,
})

/** The latest deliveries to one webhook. */
export function deliveriesQuery(id: string) {
  return queryOptions({
    queryKey: webhookKeys.deliveries(id),
    queryFn: async ({ signal }) =>
      dataOf(
        await orchestrator.GET('/api/v1/webhooks/{webhook_id}/deliveries', {
          params: { path: { webhook_id: id }, query: { limit: DELIVERIES_SHOWN } },
          signal,
        }),
      ),
    refetchInterval: REFRESH_MS,
  })
}

/** Where the other system sends to, if it reaches Nova under the address that this page has. */
export function addressOf(webhook: Webhook): string {
  return absolute(webhook.path)
}

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    // A secret is in the answer of two of these: it is gone with the part of the page that shows it.
    gcTime: 0,
    onSettled: () => client.invalidateQueries({ queryKey: webhookKeys.all }),
  })
}

export function useCreateWebhook() {
  return useChange(async (body: CreateWebhook) =>
    dataOf(await orchestrator.POST('/api/v1/webhooks', { body })),
  )
}

export function useRotateWebhook(id: string) {
  return useChange(async () =>
    dataOf(
      await orchestrator.POST('/api/v1/webhooks/{webhook_id}/rotate', {
        params: { path: { webhook_id: id } },
      }),
    ),
  )
}

export function useEnableWebhook(id: string) {
  return useChange((enabled: boolean) =>
    orchestrator.PATCH('/api/v1/webhooks/{webhook_id}', {
      params: { path: { webhook_id: id } },
      body: { enabled },
    }),
  )
}

export function useDeleteWebhook(id: string) {
  return useChange(() =>
    orchestrator.DELETE('/api/v1/webhooks/{webhook_id}', {
      params: { path: { webhook_id: id } },
    }),
  )
}
