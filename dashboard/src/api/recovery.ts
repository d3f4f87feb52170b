/** How the services are, as recovery sees them: it answers when the others don't. */
import { queryOptions } from '@tanstack/react-query'
import { dataOf, recovery } from './client'
import type { RecoveryStatus } from './types'

const WHILE_STARTING_MS = 1000
const WHILE_RUNNING_MS = 10_000

export function serviceIsUp(status: RecoveryStatus | undefined, service: string): boolean {
  return (
    status?.services.details.some((one) => one.service === service && one.status === 'up') ?? false
  )
}

export const statusQuery = queryOptions({
  queryKey: ['recovery', 'status'],
  queryFn: async ({ signal }) => dataOf(await recovery.GET('/api/v1/recovery/status', { signal })),
  retry: false,
  refetchInterval: (query) =>
    query.state.data !== undefined &&
    query.state.data.services.down === 0 &&
    query.state.error === null
      ? WHILE_RUNNING_MS
      : WHILE_STARTING_MS,
})
