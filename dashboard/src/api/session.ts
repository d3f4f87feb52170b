/** The person's session: one query that opens it with a login link, or finds it in the cookie. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { dataOf, orchestrator, setCsrfToken } from './client'
import { ApiError, messageOf } from './errors'
import type { Session, SessionRequest } from './types'

export interface SessionState {
  session: Session | null
  /** Why the login link that brought the person here did not work. */
  linkError: string | null
}

let loginToken: string | null = null

/**
 * Takes a one-time token out of /login#token=… and out of the address bar, at once: it must not
 * stay in the history, even if nothing else works.
 */
export function captureLoginToken(location: Location, history: History): boolean {
  const token = new URLSearchParams(location.hash.slice(1)).get('token')
  if (token === null) return false
  loginToken = token
  history.replaceState(history.state, '', location.pathname + location.search)
  return true
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: establishSession,
  staleTime: Number.POSITIVE_INFINITY,
})

async function establishSession(): Promise<SessionState> {
  let linkError: string | null = null
  if (loginToken !== null) {
    try {
      const session = await openSession({ login_token: loginToken })
      loginToken = null
      return { session, linkError: null }
    } catch (error) {
      if (error instanceof ApiError && error.temporary) throw error
      loginToken = null
      linkError = messageOf(error)
    }
  }
  return { session: await currentSession(), linkError }
}

async function currentSession(): Promise<Session | null> {
  try {
    const session = dataOf(await orchestrator.GET('/api/v1/session'))
    setCsrfToken(session.csrf_token)
    return session
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null
    throw error
  }
}

async function openSession(body: SessionRequest): Promise<Session> {
  const session = dataOf(await orchestrator.POST('/api/v1/session', { body }))
  setCsrfToken(session.csrf_token)
  return session
}

export function useLogin() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (adminSecret: string) => openSession({ admin_secret: adminSecret }),
    onSuccess: (session) =>
      client.setQueryData(sessionQuery.queryKey, { session, linkError: null }),
  })
}

export function useLogout() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => orchestrator.DELETE('/api/v1/session'),
    onSuccess: () => {
      setCsrfToken(null)
      client.setQueryData(sessionQuery.queryKey, { session: null, linkError: null })
      // What was read with the session must not outlive it.
      client.removeQueries({
        predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0],
      })
    },
  })
}
