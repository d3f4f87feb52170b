import type { ReactNode } from 'react'
import { Link } from 'react-router'
import type { PipelineTaskDetail } from '@/api/types'
import { Ago, Duration } from '@/components/times'
import { formatCost, formatCount } from '@/lib/format'
import { paths } from '@/lib/paths'
import { Card } from '@/ui/card'

export function TaskFacts({ task }: { task: PipelineTaskDetail }) {
  const tries = task.retry_count === 0 ? null : `${task.retry_count} of ${task.max_retries}`
  const waits = task.waiting_for ?? []
  const workspace = task.metadata['workspace']
  const model = task.metadata['model_override']
  return (
    <Card>
      <dl className="grid grid-cols-3 gap-x-4 gap-y-3 p-4 lg:grid-cols-2">
        <Fact name="Pod">{task.pod_name ?? '–'}</Fact>
        <Fact name="Submitted">
          <Ago at={task.queued_at} />
        </Fact>
        <Fact name="Time">
          <Duration start={task.started_at} end={task.completed_at} />
        </Fact>
        <Fact name="Cost">{formatCost(task.total_cost_usd)}</Fact>
        <Fact name="Tokens in">{formatCount(task.total_input_tokens)}</Fact>
        <Fact name="Tokens out">{formatCount(task.total_output_tokens)}</Fact>
        {waits.map((one) => (
          <Fact key={one.task_id ?? one.name} name="Waits for">
            {one.name}
          </Fact>
        ))}
        {tries !== null && <Fact name="Retries">{tries}</Fact>}
        {task.forked_from != null && (
          <Fact name="Forked from">
            <Link
              to={paths.task(task.forked_from)}
              title={`At its step ${task.forked_step}`}
              className="underline"
            >
              Another task
            </Link>
          </Fact>
        )}
        {typeof workspace === 'string' && <Fact name="Workspace">{workspace}</Fact>}
        {typeof model === 'string' && <Fact name="Model">{model}</Fact>}
      </dl>
    </Card>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-faint text-xs">{name}</dt>
      <dd className="truncate font-medium tabular-nums">{children}</dd>
    </div>
  )
}
