import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { PAGE_SIZE, tasksQuery } from '@/api/tasks'
import type { PipelineTask } from '@/api/types'
import { StageProgress } from '@/components/stage-progress'
import { StatusBadge } from '@/components/task-status'
import { Ago, Duration } from '@/components/times'
import { formatCost } from '@/lib/format'
import { paths } from '@/lib/paths'
import { Button } from '@/ui/button'
import { Empty } from '@/ui/notice'
import { useTaskFilter } from './use-task-filter'

export function TaskList() {
  const { status, page } = useTaskFilter()
  const { data } = useSuspenseQuery(tasksQuery(status, page))
  if (data.tasks.length === 0) {
    return status === null && page === 0 ? (
      <Empty icon="tasks" title="No tasks yet">
        Describe a goal above, and Nova’s agents will work on it.
      </Empty>
    ) : (
      <Empty icon="tasks" title="No task matches">
        No task with this status is on this page.
      </Empty>
    )
  }
  return (
    <>
      <ul className="divide-y">
        {data.tasks.map((task) => (
          <TaskRow key={task.id} task={task} />
        ))}
      </ul>
      <Paging total={data.total} />
    </>
  )
}

function TaskRow({ task }: { task: PipelineTask }) {
  return (
    <li>
      <Link
        to={paths.task(task.id)}
        className="flex flex-col gap-1.5 px-4 py-3 hover:bg-raised md:flex-row md:items-center md:gap-4"
      >
        <span className="min-w-0 flex-1">
          <span className="line-clamp-2 font-medium [overflow-wrap:anywhere] md:line-clamp-1">
            {task.user_input}
          </span>
          <span className="flex flex-wrap gap-x-3 text-faint text-xs">
            <span>{task.pod_name ?? 'no pod'}</span>
            <Ago at={task.queued_at} />
            {task.started_at !== null && (
              <Duration start={task.started_at} end={task.completed_at} />
            )}
            {task.total_cost_usd > 0 && <span>{formatCost(task.total_cost_usd)}</span>}
            {task.retry_count > 0 && <span>tried {task.retry_count + 1} times</span>}
          </span>
        </span>
        <span className="flex items-center justify-between gap-4">
          <StageProgress task={task} />
          <span className="flex justify-end md:w-40">
            <StatusBadge status={task.status} />
          </span>
        </span>
      </Link>
    </li>
  )
}

function Paging({ total }: { total: number }) {
  const { status, page, change } = useTaskFilter()
  const pages = Math.ceil(total / PAGE_SIZE)
  if (pages <= 1) return null
  return (
    <nav aria-label="Pages" className="flex items-center justify-between border-t px-4 py-2">
      <Button
        reason={page === 0 ? 'This is the first page' : null}
        onClick={() => change({ status, page: page - 1 })}
      >
        Newer
      </Button>
      <span className="text-muted tabular-nums">
        Page {page + 1} of {pages}
      </span>
      <Button
        reason={page + 1 >= pages ? 'This is the last page' : null}
        onClick={() => change({ status, page: page + 1 })}
      >
        Older
      </Button>
    </nav>
  )
}
