import { messageOf } from '@/api/errors'
import { useReplayTask } from '@/api/steps'
import { isTerminal } from '@/api/tasks'
import type { PipelineTaskDetail, ReplayAnswer, ReplayDifference } from '@/api/types'
import { sentence } from '@/lib/format'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/notice'

/** Runs the task again from its journal, and says whether it comes to the same. */
export function TaskReplay({ task }: { task: PipelineTaskDetail }) {
  const replay = useReplayTask(task.id)
  return (
    <div className="flex flex-col gap-3 border-b p-4">
      <div className="flex flex-wrap items-center gap-3">
        <Button
          busy={replay.isPending}
          onClick={() => replay.mutate()}
          reason={isTerminal(task.status) ? null : 'Only a task that has ended can be replayed'}
        >
          Replay
        </Button>
        <p className="min-w-0 flex-1 basis-60 text-muted">
          Runs the task again from these steps alone: no model, no tool, no network.
        </p>
      </div>
      {replay.error !== null && <Notice>{messageOf(replay.error)}</Notice>}
      {replay.data !== undefined && <Outcome answer={replay.data} />}
    </div>
  )
}

function Outcome({ answer }: { answer: ReplayAnswer }) {
  return (
    <div role="status" className="flex flex-col gap-2">
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone={answer.identical ? 'ok' : 'bad'}>
          {answer.identical ? 'Identical' : 'Not identical'}
        </Badge>
        <span className="text-muted">
          {answer.steps_replayed} of {answer.steps_journalled} steps replayed
        </span>
      </p>
      {answer.differences.length > 0 && (
        <ul className="flex flex-col gap-2">
          {answer.differences.map((difference) => (
            <Difference key={JSON.stringify(difference)} difference={difference} />
          ))}
        </ul>
      )}
    </div>
  )
}

function Difference({ difference }: { difference: ReplayDifference }) {
  const place = [
    difference.stage === null ? null : sentence(difference.stage),
    difference.step === null ? null : `step ${difference.step}`,
    difference.name,
  ].filter((part) => part !== null)
  return (
    <li className="rounded-lg border px-3 py-2 [overflow-wrap:anywhere]">
      {place.length > 0 && <p className="text-faint text-xs">{place.join(', ')}</p>}
      <p>{difference.what}</p>
    </li>
  )
}
