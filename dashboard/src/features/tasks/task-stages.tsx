import { useSuspenseQuery } from '@tanstack/react-query'
import { stagesQuery } from '@/api/tasks'
import type { PipelineTask, Stage } from '@/api/types'
import { Boundary } from '@/components/boundary'
import { Duration } from '@/components/times'
import { classNames } from '@/lib/class-names'
import { formatCost, formatCount, sentence } from '@/lib/format'
import { Card, CardHeader } from '@/ui/card'
import { Icon, type IconName } from '@/ui/icon'
import { Spinner } from '@/ui/spinner'

const ICONS: Record<string, { icon: IconName; tone: string }> = {
  completed: { icon: 'check', tone: 'bg-ok-soft text-ok' },
  complete: { icon: 'check', tone: 'bg-ok-soft text-ok' },
  failed: { icon: 'cross', tone: 'bg-bad-soft text-bad' },
  skipped: { icon: 'dash', tone: 'bg-raised text-faint' },
  waiting: { icon: 'clock', tone: 'bg-warn-soft text-warn' },
  pending: { icon: 'clock', tone: 'bg-raised text-faint' },
}
const RUNNING = new Set(['running', 'started'])

export function TaskStages({ task }: { task: PipelineTask }) {
  return (
    <Card>
      <CardHeader title="Stages" />
      <Boundary>
        <StageList task={task} />
      </Boundary>
    </Card>
  )
}

function StageList({ task }: { task: PipelineTask }) {
  const { data: stages } = useSuspenseQuery(stagesQuery(task.id))
  if (stages.length === 0) {
    return <p className="p-4 text-muted">No stage has started yet.</p>
  }
  return (
    <ol className="flex flex-col py-1.5">
      {stages.map((stage) => (
        <StageItem key={`${stage.stage}-${stage.round}`} stage={stage} />
      ))}
    </ol>
  )
}

function StageItem({ stage }: { stage: Stage }) {
  const tokens = stage.input_tokens + stage.output_tokens
  return (
    <li className="px-4 py-2">
      <div className="flex items-center gap-2.5">
        <StageMark status={stage.status} />
        <span className="min-w-0 flex-1 truncate font-medium">
          {sentence(stage.stage)}
          {stage.round > 1 && <span className="text-faint"> round {stage.round}</span>}
        </span>
        <span className="text-muted text-xs">
          {stage.started_at === null ? (
            sentence(stage.status)
          ) : (
            <Duration start={stage.started_at} end={stage.completed_at} />
          )}
        </span>
      </div>
      <p className="ml-[2.125rem] flex flex-wrap gap-x-2.5 text-faint text-xs">
        {stage.model !== null && <span className="truncate">{stage.model}</span>}
        {tokens > 0 && <span>{formatCount(tokens)} tokens</span>}
        {stage.cost_usd > 0 && <span>{formatCost(stage.cost_usd)}</span>}
      </p>
      {stage.error !== null && (
        <p
          className={classNames(
            'ml-[2.125rem] text-xs [overflow-wrap:anywhere]',
            stage.status === 'skipped' ? 'text-faint' : 'text-bad',
          )}
        >
          {stage.error}
        </p>
      )}
    </li>
  )
}

function StageMark({ status }: { status: string }) {
  const running = RUNNING.has(status)
  const look = ICONS[status] ?? { icon: 'clock' as const, tone: 'bg-raised text-faint' }
  return (
    <span
      role="img"
      aria-label={sentence(status)}
      title={sentence(status)}
      className={classNames(
        'flex size-6 shrink-0 items-center justify-center rounded-full',
        running ? 'bg-busy-soft text-busy' : look.tone,
      )}
    >
      {running ? <Spinner /> : <Icon name={look.icon} className="size-3.5" />}
    </span>
  )
}
