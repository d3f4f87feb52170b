/** Numbers, money and times as a person reads them. */
const integer = new Intl.NumberFormat('en')
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export function formatCount(value: number): string {
  return value < 10_000 ? integer.format(value) : compact.format(value)
}

/** `null` is a price that nobody knows, which is not the same as free. */
export function formatCost(usd: number | null | undefined): string {
  if (usd === null || usd === undefined) return 'unknown'
  if (usd === 0) return '$0'
  return usd < 0.01 ? `$${usd.toFixed(4)}` : `$${usd.toFixed(2)}`
}

export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** The same for what has not ended: whole seconds at the least. */
export function formatRunning(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000)
}

/** "just now", "5 min ago", "3 h ago", then the date. */
export function formatAgo(iso: string, now: number): string {
  const seconds = (now - Date.parse(iso)) / 1000
  if (seconds < 45) return 'just now'
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`
  if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`
  if (seconds < 7 * 86_400) return `${Math.round(seconds / 86_400)} d ago`
  return new Date(iso).toLocaleDateString()
}

export function formatTime(iso: string): string {
  return new Date(iso).toLocaleString()
}

/** "Mon, 5 Oct 2026, 08:00" in the reader's zone and language: for what lies ahead. */
export function formatMoment(iso: string): string {
  return new Date(iso).toLocaleString(undefined, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  })
}

/** Time between two instants, or up to now while the second is not there yet. */
export function elapsed(start: string | null, end: string | null, now: number): number | null {
  if (start === null) return null
  return (end === null ? now : Date.parse(end)) - Date.parse(start)
}

/** `pending_human_review` → `Pending human review`. */
export function sentence(snake: string): string {
  const words = snake.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** A moment as a field of the type datetime-local takes it: in the reader's time zone, to the minute. */
export function localInput(moment: string): string {
  const time = new Date(moment)
  return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
