import { useNow } from '@/lib/clock'
import { elapsed, formatAgo, formatDuration, formatTime } from '@/lib/format'

export function Ago({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatTime(at)}>
      {formatAgo(at, useNow())}
    </time>
  )
}

/** How long it took, or takes so far. */
export function Duration({ start, end }: { start: string | null; end: string | null }) {
  const milliseconds = elapsed(start, end, useNow())
  if (milliseconds === null) return <>–</>
  // What still runs is counted in whole seconds: tenths would only flicker.
  const shown = end === null ? Math.floor(milliseconds / 1000) * 1000 : milliseconds
  return <span className="tabular-nums">{formatDuration(shown)}</span>
}
