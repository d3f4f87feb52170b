import { isTerminal } from '@/api/tasks'
import type { PipelineTask } from '@/api/types'
import { classNames } from '@/lib/class-names'
import { sentence } from '@/lib/format'

const STEPS = ['context', 'task', 'guardrail', 'review', 'completing'] as const

const STEP_OF_STAGE: Record<string, number> = {
  context: 0,
  task: 1,
  guardrail: 2,
  code_review: 3,
  decision: 3,
}

const STEP_OF_STATUS: Partial<Record<PipelineTask['status'], number>> = {
  context_running: 0,
  task_running: 1,
  guardrail_running: 2,
  review_running: 3,
  completing: 4,
}

/** How far along the pipeline a task is; -1 before it starts. */
export function stepOf(task: Pick<PipelineTask, 'status' | 'current_stage'>): number {
  if (task.status === 'complete') return STEPS.length
  const byStatus = STEP_OF_STATUS[task.status]
  if (byStatus !== undefined) return byStatus
  return task.current_stage === null ? -1 : (STEP_OF_STAGE[task.current_stage] ?? -1)
}

export function StageProgress({ task }: { task: PipelineTask }) {
  const step = stepOf(task)
  const ended = isTerminal(task.status)
  const now = task.current_stage ?? STEPS[step]
  const label =
    task.status === 'complete' ? 'All stages done' : now ? `Stage: ${sentence(now)}` : 'Not started'
  return (
    <span role="img" aria-label={label} title={label} className="flex w-24 gap-0.5">
      {STEPS.map((name, index) => (
        <span
          key={name}
          className={classNames(
            'h-1.5 flex-1 first:rounded-l-full last:rounded-r-full',
            index < step && (ended && task.status !== 'complete' ? 'bg-line-strong' : 'bg-ok'),
            index === step && currentClass(task.status),
            index > step && 'bg-line',
          )}
        />
      ))}
    </span>
  )
}

function currentClass(status: PipelineTask['status']): string {
  if (status === 'failed') return 'bg-bad'
  if (status === 'cancelled') return 'bg-line-strong'
  if (status === 'pending_human_review' || status === 'clarification_needed') return 'bg-warn'
  return 'motion-safe:animate-pulse bg-busy'
}
