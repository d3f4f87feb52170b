import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from '@/api/errors'
import { sessionQuery } from '@/api/session'

const TRIES = 3

/** A session that has ended anywhere ends everywhere: the gate then shows the login. */
export function createQueryClient(): QueryClient {
  const endSession = (error: unknown) => {
    if (!(error instanceof ApiError) || error.status !== 401) return
    client.setQueryData(sessionQuery.queryKey, (state) =>
      state?.session ? { session: null, linkError: null } : state,
    )
  }
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: endSession }),
    mutationCache: new MutationCache({ onError: endSession }),
    defaultOptions: {
      queries: {
        staleTime: 1000,
        retry: (count, error) => error instanceof ApiError && error.temporary && count < TRIES,
        retryDelay: (count) => Math.min(500 * 2 ** count, 4000),
      },
    },
  })
  return client
}
