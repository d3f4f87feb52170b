import { useNow } from '@/lib/clock'
import { elapsed, formatAgo, formatDuration, formatRunning, formatTime } from '@/lib/format'

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
  const text = end === null ? formatRunning(milliseconds) : formatDuration(milliseconds)
  return <span className="tabular-nums">{text}</span>
}
