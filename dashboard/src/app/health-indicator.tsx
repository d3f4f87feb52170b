import { useQuery } from '@tanstack/react-query'
import { messageOf } from '@/api/errors'
import { statusQuery } from '@/api/recovery'
import type { RecoveryStatus } from '@/api/types'
import { ServiceStates } from '@/components/service-states'
import { Dot, type Tone } from '@/ui/badge'
import { Notice } from '@/ui/notice'

/** One dot for all services; opened, each with its own. */
export function HealthIndicator() {
  const { data, error } = useQuery(statusQuery)
  const { tone, text } = summary(data, error)
  return (
    <details className="group relative">
      <summary
        className="flex h-9 list-none items-center gap-2 rounded-lg px-2.5 text-[0.8125rem] text-muted hover:bg-raised hover:text-ink"
        aria-label={`Services: ${text}`}
      >
        <Dot tone={tone} pulse={tone === 'busy'} />
        {text}
      </summary>
      <div className="absolute top-full right-0 z-10 mt-1 w-72 overflow-hidden rounded-xl border bg-surface shadow-card md:top-auto md:right-auto md:bottom-full md:left-0 md:mb-1">
        <p className="border-b px-4 py-2.5 font-semibold">Services</p>
        {error !== null && (
          <div className="p-3">
            <Notice tone="warn">Recovery does not answer: {messageOf(error)}</Notice>
          </div>
        )}
        {data !== undefined && <ServiceStates services={data.services.details} />}
      </div>
    </details>
  )
}

function summary(data: RecoveryStatus | undefined, error: unknown): { tone: Tone; text: string } {
  if (error !== null) return { tone: 'warn', text: 'Unknown' }
  if (data === undefined) return { tone: 'neutral', text: 'Checking' }
  const { up, total } = data.services
  if (up === total) return { tone: 'ok', text: 'All up' }
  return { tone: up === 0 ? 'bad' : 'warn', text: `${total - up} down` }
}
