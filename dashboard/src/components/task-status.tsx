import { isTerminal, isWaiting } from '@/api/tasks'
import type { TaskStatus } from '@/api/types'
import { Badge, Dot, type Tone } from '@/ui/badge'

const LABELS: Record<TaskStatus, string> = {
  submitted: 'Submitted',
  queued: 'Queued',
  context_running: 'Context',
  task_running: 'Working',
  guardrail_running: 'Guardrail',
  review_running: 'Review',
  pending_human_review: 'Needs your review',
  clarification_needed: 'Has a question',
  completing: 'Completing',
  complete: 'Complete',
  failed: 'Failed',
  cancelled: 'Cancelled',
}

export function statusTone(status: TaskStatus): Tone {
  if (status === 'complete') return 'ok'
  if (status === 'failed') return 'bad'
  if (isWaiting(status)) return 'warn'
  if (status === 'cancelled' || status === 'submitted' || status === 'queued') return 'neutral'
  return 'busy'
}

export function StatusBadge({ status }: { status: TaskStatus }) {
  const tone = statusTone(status)
  return (
    <Badge tone={tone}>
      <Dot tone={tone} pulse={!isTerminal(status) && tone === 'busy'} />
      {LABELS[status]}
    </Badge>
  )
}
