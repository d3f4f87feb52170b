import type { ReactNode } from 'react'
import { classNames } from '@/lib/class-names'
import { Icon, type IconName } from './icon'

const TONES = {
  bad: 'border-bad/30 bg-bad-soft text-bad',
  warn: 'border-warn/30 bg-warn-soft text-warn',
} as const

/** Something that went wrong or wants attention, said where it happened. */
export function Notice({
  tone = 'bad',
  children,
}: {
  tone?: keyof typeof TONES
  children: ReactNode
}) {
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'status'}
      className={classNames('flex items-start gap-2 rounded-lg border px-3 py-2', TONES[tone])}
    >
      <Icon name="alert" className="mt-0.5" />
      <div className="min-w-0 [overflow-wrap:anywhere]">{children}</div>
    </div>
  )
}

/** There is nothing here, and why, and what to do about it. */
export function Empty({
  icon,
  title,
  children,
}: {
  icon: IconName
  title: string
  children?: ReactNode
}) {
  return (
    <div className="flex flex-col items-center gap-1 px-6 py-12 text-center">
      <Icon name={icon} className="mb-2 size-6 text-faint" />
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="max-w-sm text-muted">{children}</div>}
    </div>
  )
}

/** Grey bars where text will be. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div
      role="status"
      aria-label="Loading"
      className="flex motion-safe:animate-pulse flex-col gap-3 p-4"
    >
      {Array.from({ length: lines }, (_, line) => (
        <div
          // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike and never move
          key={line}
          className={classNames('h-4 rounded bg-raised', line % 3 === 2 ? 'w-2/3' : 'w-full')}
        />
      ))}
    </div>
  )
}
