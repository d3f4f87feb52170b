import { useQuery } from '@tanstack/react-query'
import { queueStatsQuery } from '@/api/tasks'
import { Boundary } from '@/components/boundary'
import { Page } from '@/components/page'
import { Card } from '@/ui/card'
import { SubmitForm } from './submit-form'
import { TaskFilters } from './task-filters'
import { TaskList } from './task-list'

export function TasksPage() {
  return (
    <Page title="Tasks" actions={<QueueStats />}>
      <SubmitForm />
      <Card className="overflow-hidden">
        <TaskFilters />
        <Boundary>
          <TaskList />
        </Boundary>
      </Card>
    </Page>
  )
}

function QueueStats() {
  const { data } = useQuery(queueStatsQuery)
  if (data === undefined) return null
  const counts = [
    ['running', data.running],
    ['queued', data.queue_depth],
    ['waiting', data.waiting],
    ['dead', data.dead_letter_depth],
  ] as const
  return (
    <dl className="flex gap-4 text-[0.8125rem] text-muted">
      {counts.map(([name, count]) => (
        <div key={name} className="flex items-baseline gap-1.5">
          <dd className="font-semibold text-ink tabular-nums">{count}</dd>
          <dt>{name}</dt>
        </div>
      ))}
    </dl>
  )
}
