import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { type ServicesState, statusQuery } from '@/api/recovery'
import { ServiceStates } from '@/components/service-states'
import { Dot, type Tone } from '@/ui/badge'
import { Notice } from '@/ui/notice'

/** One dot for all services; opened, each with its own. The browser closes it: Escape, a click. */
export function HealthIndicator() {
  const { data: state } = useQuery(statusQuery)
  const { tone, text } = summary(state)
  const id = useId()
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        aria-label={`Services: ${text}`}
        className="flex h-9 items-center gap-2 rounded-lg px-2.5 text-[0.8125rem] text-muted hover:bg-raised hover:text-ink"
      >
        <Dot tone={tone} pulse={tone === 'busy'} />
        {text}
      </button>
      <section
        id={id}
        popover="auto"
        aria-label="Services"
        className="fixed inset-auto top-14 right-3 m-0 w-72 overflow-hidden rounded-xl border bg-surface p-0 text-ink shadow-card md:top-auto md:right-auto md:bottom-14 md:left-3"
      >
        <h2 className="border-b px-4 py-2.5 font-semibold">Services</h2>
        {state?.problem != null && (
          <div className="p-3">
            <Notice tone="warn">Recovery does not answer: {state.problem}</Notice>
          </div>
        )}
        {state?.services != null && <ServiceStates services={state.services.details} />}
      </section>
    </>
  )
}

function summary(state: ServicesState | undefined): { tone: Tone; text: string } {
  if (state === undefined) return { tone: 'neutral', text: 'Checking' }
  if (state.services === null) return { tone: 'warn', text: 'Unknown' }
  const { up, total } = state.services
  if (up === total) return { tone: 'ok', text: 'All up' }
  return { tone: up === 0 ? 'bad' : 'warn', text: `${total - up} down` }
}
