import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { taskQuery } from '@/api/tasks'
import type { PipelineTaskDetail } from '@/api/types'
import { Boundary } from '@/components/boundary'
import { StatusBadge } from '@/components/task-status'
import { paths } from '@/lib/paths'
import { Card } from '@/ui/card'
import { Icon } from '@/ui/icon'
import { Notice } from '@/ui/notice'
import { Tabs } from '@/ui/tabs'
import { CancelButton } from './cancel-button'
import { TaskFacts } from './task-facts'
import { TaskFeed } from './task-feed'
import { TaskPending } from './task-pending'
import { Artifacts, Findings, Output, Reviews } from './task-results'
import { TaskStages } from './task-stages'
import { TaskSteps } from './task-steps'

export function TaskPage() {
  const { taskId = '' } = useParams()
  const { data: task } = useSuspenseQuery(taskQuery(taskId))
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-4 px-4 py-5 md:px-8 md:py-7">
      <title>{`${task.user_input.slice(0, 60)} · Nova`}</title>
      <Link to={paths.tasks} className="flex w-fit items-center gap-1.5 text-muted hover:text-ink">
        <Icon name="arrowLeft" />
        All tasks
      </Link>
      <TaskHeader task={task} />
      {task.error !== null && <Notice>{task.error}</Notice>}
      {task.pending != null && (
        <TaskPending key={task.pending.id} task={task} pending={task.pending} />
      )}
      <div className="grid items-start gap-4 lg:grid-cols-[19rem_minmax(0,1fr)]">
        <div className="flex flex-col gap-4">
          <TaskFacts task={task} />
          <TaskStages task={task} />
        </div>
        <Card className="min-w-0 overflow-hidden">
          <Tabs label="About this task" tabs={tabsOf(task)} />
        </Card>
      </div>
    </div>
  )
}

function TaskHeader({ task }: { task: PipelineTaskDetail }) {
  return (
    <header className="flex flex-wrap items-start justify-between gap-3">
      <div className="min-w-0 flex-1 basis-72">
        <StatusBadge status={task.status} />
        <h1 className="mt-2 max-h-40 overflow-y-auto whitespace-pre-wrap font-semibold text-lg leading-snug tracking-tight [overflow-wrap:anywhere]">
          {task.user_input}
        </h1>
      </div>
      <CancelButton task={task} />
    </header>
  )
}

function tabsOf(task: PipelineTaskDetail) {
  const { id } = task
  const inBoundary = (content: React.ReactNode) => () => <Boundary>{content}</Boundary>
  return [
    { key: 'feed', label: 'Activity', content: inBoundary(<TaskFeed taskId={id} />) },
    { key: 'output', label: 'Output', content: inBoundary(<Output task={task} />) },
    { key: 'steps', label: 'Steps', content: inBoundary(<TaskSteps task={task} />) },
    {
      key: 'findings',
      label: 'Findings',
      count: task.findings_count,
      content: inBoundary(<Findings taskId={id} />),
    },
    {
      key: 'reviews',
      label: 'Reviews',
      count: task.reviews_count,
      content: inBoundary(<Reviews taskId={id} />),
    },
    {
      key: 'artifacts',
      label: 'Artifacts',
      count: task.artifacts_count,
      content: inBoundary(<Artifacts taskId={id} />),
    },
  ]
}
