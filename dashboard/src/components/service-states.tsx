import type { ServiceDetail } from '@/api/types'
import { Dot, type Tone } from '@/ui/badge'

const TONES: Record<string, Tone> = { up: 'ok', starting: 'busy', down: 'bad' }

export function serviceTone(status: string): Tone {
  return TONES[status] ?? 'warn'
}

export function ServiceStates({ services }: { services: readonly ServiceDetail[] }) {
  return (
    <ul className="divide-y">
      {services.map((one) => (
        <li key={one.service} className="flex items-center gap-3 px-4 py-2">
          <Dot tone={serviceTone(one.status)} pulse={one.status === 'starting'} />
          <span className="flex-1 font-medium">{one.service}</span>
          <span
            className="max-w-40 truncate text-[0.8125rem] text-muted"
            title={one.health ?? undefined}
          >
            {one.status}
          </span>
        </li>
      ))}
    </ul>
  )
}
