import { type ReactNode, useState } from 'react'
import { Link } from 'react-router'
import type { TaskStatus } from '@/api/types'
import { Boundary } from '@/components/boundary'
import { StatusBadge } from '@/components/task-status'
import { paths } from '@/lib/paths'
import { Skeleton } from '@/ui/notice'

/** What has happened so far; asked for when it is opened. */
export function History({ title, children }: { title: string; children: ReactNode }) {
  const [open, setOpen] = useState(false)
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit text-[0.8125rem] text-muted hover:text-ink">{title}</summary>
      {open && (
        <div className="pt-2">
          <Boundary fallback={<Skeleton lines={2} />}>{children}</Boundary>
        </div>
      )}
    </details>
  )
}

export function HistoryRow({
  at,
  note,
  taskId,
  taskStatus,
  instead,
}: {
  at: string
  note?: string | undefined
  taskId: string | null
  taskStatus: TaskStatus | null
  /** What to say where there is no task to show. */
  instead: string
}) {
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="text-muted tabular-nums">{at}</span>
      {note !== undefined && <span className="text-faint text-xs">{note}</span>}
      {taskId !== null && taskStatus !== null ? (
        <Link to={paths.task(taskId)} className="flex items-center gap-2 text-accent-ink">
          <StatusBadge status={taskStatus} />
          <span className="underline-offset-2 hover:underline">Show task</span>
        </Link>
      ) : (
        <span className="text-muted [overflow-wrap:anywhere]">{instead}</span>
      )}
    </li>
  )
}
