/** How the services are, as recovery sees them: it answers when the others don't. */
import { queryOptions } from '@tanstack/react-query'
import { dataOf, recovery } from './client'
import { ApiError } from './errors'
import type { RecoveryStatus } from './types'

const WHILE_STARTING_MS = 1000
const WHILE_SOMETHING_IS_DOWN_MS = 4000
const WHILE_RUNNING_MS = 10_000

/** Recovery's answer, or why there is none: that is a state to show, not a failed page. */
export interface ServicesState {
  services: RecoveryStatus['services'] | null
  problem: string | null
}

export function serviceIsUp(state: ServicesState | undefined, service: string): boolean {
  const details = state?.services?.details ?? []
  return details.some((one) => one.service === service && one.status === 'up')
}

export const statusQuery = queryOptions({
  queryKey: ['recovery', 'status'],
  queryFn: async ({ signal }): Promise<ServicesState> => {
    try {
      const status = dataOf(await recovery.GET('/api/v1/recovery/status', { signal }))
      return { services: status.services, problem: null }
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return { services: null, problem: error.message }
    }
  },
  refetchInterval: ({ state: { data } }) => {
    if (!serviceIsUp(data, 'orchestrator')) return WHILE_STARTING_MS
    return data?.services?.down === 0 ? WHILE_RUNNING_MS : WHILE_SOMETHING_IS_DOWN_MS
  },
})
