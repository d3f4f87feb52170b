import { messageOf } from '@/api/errors'
import { isTerminal, useCancelTask } from '@/api/tasks'
import type { PipelineTask } from '@/api/types'
import { sentence } from '@/lib/format'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/notice'

export function CancelButton({ task }: { task: PipelineTask }) {
  const cancel = useCancelTask(task.id)
  const reason = isTerminal(task.status)
    ? `It has ended: ${sentence(task.status).toLowerCase()}`
    : null
  return (
    <div className="flex flex-col items-end gap-2">
      <Button
        kind="danger"
        busy={cancel.isPending}
        reason={reason}
        onClick={() => cancel.mutate(undefined)}
      >
        Cancel task
      </Button>
      {cancel.error !== null && <Notice>{messageOf(cancel.error)}</Notice>}
    </div>
  )
}
