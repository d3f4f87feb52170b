import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Navigate, Outlet, useLocation } from 'react-router'
import { messageOf } from '@/api/errors'
import { serviceIsUp, statusQuery } from '@/api/recovery'
import { sessionQuery } from '@/api/session'
import { StartScreen } from '@/features/start/start-screen'
import { paths } from '@/lib/paths'
import { Logo } from '@/ui/icon'

const AGAIN_MS = 1000

/** Nothing of the app shows before the orchestrator has answered once; then this stays open. */
export function StartGate() {
  const session = useQuery({ ...sessionQuery, retry: true, retryDelay: AGAIN_MS })
  const status = useQuery({ ...statusQuery, enabled: session.data === undefined })
  if (session.data !== undefined) return <Outlet />
  if (status.data === undefined) return <Splash />
  // Up, and yet no answer: that is worth saying, while "not up yet" speaks for itself.
  const orchestratorIsUp = serviceIsUp(status.data, 'orchestrator')
  const problem = orchestratorIsUp ? session.failureReason : null
  return <StartScreen problem={problem === null ? null : messageOf(problem)} />
}

function Splash() {
  return (
    <div role="status" aria-label="Loading" className="flex h-full items-center justify-center">
      <Logo className="size-12 motion-safe:animate-pulse" />
    </div>
  )
}

export function SessionGate() {
  const { data } = useSuspenseQuery(sessionQuery)
  const { pathname, search } = useLocation()
  if (data.session !== null) return <Outlet />
  const next = pathname === paths.home ? '' : `?next=${encodeURIComponent(pathname + search)}`
  return <Navigate to={paths.login + next} replace />
}
