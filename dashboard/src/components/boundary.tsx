/** Draws the loading and the error state of whatever is inside; pages draw only what there is. */
import { QueryErrorResetBoundary } from '@tanstack/react-query'
import { Component, type ReactNode, Suspense } from 'react'
import { ApiError, messageOf } from '@/api/errors'
import { Button } from '@/ui/button'
import { Notice, Skeleton } from '@/ui/notice'

interface CatcherProps {
  onRetry: () => void
  children: ReactNode
}

class Catcher extends Component<CatcherProps, { error: unknown }> {
  override state: { error: unknown } = { error: null }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  retry = () => {
    this.props.onRetry()
    this.setState({ error: null })
  }

  override render() {
    if (this.state.error === null) return this.props.children
    return <Failure error={this.state.error} onRetry={this.retry} />
  }
}

export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const missing = error instanceof ApiError && error.status === 404
  const requestId = error instanceof ApiError ? error.requestId : null
  return (
    <div className="flex flex-col items-start gap-3 p-4">
      <Notice>
        <p className="font-medium">
          {missing ? 'This does not exist (any more).' : messageOf(error)}
        </p>
        {requestId !== null && <p className="text-xs">Request {requestId}</p>}
      </Notice>
      {onRetry !== undefined && !missing && <Button onClick={onRetry}>Try again</Button>}
    </div>
  )
}

export function Boundary({ children, fallback }: { children: ReactNode; fallback?: ReactNode }) {
  return (
    <QueryErrorResetBoundary>
      {({ reset }) => (
        <Catcher onRetry={reset}>
          <Suspense fallback={fallback ?? <Skeleton lines={6} />}>{children}</Suspense>
        </Catcher>
      )}
    </QueryErrorResetBoundary>
  )
}
