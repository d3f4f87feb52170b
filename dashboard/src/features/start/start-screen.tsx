import { useQuery } from '@tanstack/react-query'
import { statusQuery } from '@/api/recovery'
import { Centered } from '@/components/centered'
import { ServiceStates } from '@/components/service-states'
import { Card } from '@/ui/card'
import { Notice } from '@/ui/notice'
import { Spinner } from '@/ui/spinner'

/** Shown until the orchestrator answers; asks recovery alone. */
export function StartScreen({ problem }: { problem: string | null }) {
  const status = useQuery(statusQuery)
  const services = status.data?.services ?? null
  const silence = status.data?.problem ?? null
  return (
    <Centered title="Nova is starting">
      <Card>
        <p role="status" className="flex items-center gap-2.5 border-b px-4 py-3 text-muted">
          <Spinner />
          {services === null
            ? 'Asking for the state of the services…'
            : `${services.up} of ${services.total} services are up`}
        </p>
        {services !== null && <ServiceStates services={services.details} />}
      </Card>
      <div className="mt-4 flex flex-col gap-3">
        {silence !== null && (
          <Notice tone="warn">The recovery service does not answer: {silence}</Notice>
        )}
        {problem !== null && <Notice tone="warn">{problem}</Notice>}
        <p className="text-center text-faint text-xs">
          This page goes on by itself as soon as Nova is ready.
        </p>
      </div>
    </Centered>
  )
}
