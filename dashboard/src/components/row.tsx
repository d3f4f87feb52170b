import type { ReactNode } from 'react'
import { messageOf } from '@/api/errors'
import { Notice } from '@/ui/notice'

/** One thing of a list: what it is, what it does, and what can be done with it. */
export function Row({
  name,
  badge,
  text,
  facts,
  error,
  actions,
  children,
}: {
  name: string
  badge: ReactNode
  text: string
  facts: ReactNode
  error: unknown
  actions: ReactNode
  children: ReactNode
}) {
  return (
    <li className="flex flex-col gap-2 px-4 py-3" aria-label={name}>
      <div className="flex flex-col gap-2 md:flex-row md:items-start md:gap-4">
        <div className="min-w-0 flex-1">
          <p className="flex items-center gap-2">
            <span className="font-medium [overflow-wrap:anywhere]">{name}</span>
            {badge}
          </p>
          <p className="line-clamp-2 text-muted [overflow-wrap:anywhere]">{text}</p>
          <p className="flex flex-wrap gap-x-3 text-faint text-xs">{facts}</p>
        </div>
        <div className="flex flex-wrap gap-2">{actions}</div>
      </div>
      {error !== null && <Notice>{messageOf(error)}</Notice>}
      {children}
    </li>
  )
}

/** Says that there are more than the list shows. */
export function More({ shown, total }: { shown: number; total: number }) {
  if (total <= shown) return null
  return (
    <p className="border-t px-4 py-2 text-muted">
      The newest {shown} of {total}.
    </p>
  )
}
