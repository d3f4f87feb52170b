import { useSuspenseQuery } from '@tanstack/react-query'
import {
  runsQuery,
  schedulesQuery,
  useDeleteSchedule,
  useEnableSchedule,
  useRunSchedule,
} from '@/api/schedules'
import type { Schedule, ScheduleRun, TaskStatus } from '@/api/types'
import { ConfirmButton } from '@/components/confirm-button'
import { More, Row } from '@/components/row'
import { Ago } from '@/components/times'
import { formatMoment, formatTime } from '@/lib/format'
import { Badge, type Tone } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Empty } from '@/ui/notice'
import { History, HistoryRow } from './history'

export function ScheduleList() {
  const { data } = useSuspenseQuery(schedulesQuery)
  if (data.schedules.length === 0) {
    return (
      <Empty icon="clock" title="No schedules yet">
        A schedule gives Nova a task at its time: every morning, every hour, or once.
      </Empty>
    )
  }
  return (
    <>
      <ul className="divide-y">
        {data.schedules.map((schedule) => (
          <ScheduleRow key={schedule.id} schedule={schedule} />
        ))}
      </ul>
      <More shown={data.schedules.length} total={data.total} />
    </>
  )
}

function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const run = useRunSchedule(schedule.id)
  const enable = useEnableSchedule(schedule.id)
  const remove = useDeleteSchedule(schedule.id)
  const [tone, state] = stateOf(schedule)
  return (
    <Row
      name={schedule.name}
      badge={<Badge tone={tone}>{state}</Badge>}
      text={schedule.user_input}
      error={run.error ?? enable.error ?? remove.error ?? schedule.last_error}
      facts={
        <>
          <When schedule={schedule} />
          {schedule.next_run_at !== null && <span>next {formatMoment(schedule.next_run_at)}</span>}
          {schedule.last_run_at !== null && (
            <span>
              last run <Ago at={schedule.last_run_at} />
            </span>
          )}
          <span>{schedule.pod_name ?? 'pod chosen by Nova'}</span>
        </>
      }
      actions={
        <>
          <Button busy={run.isPending} onClick={() => run.mutate(undefined)}>
            Run now
          </Button>
          <Button busy={enable.isPending} onClick={() => enable.mutate(!schedule.enabled)}>
            {schedule.enabled ? 'Turn off' : 'Turn on'}
          </Button>
          <ConfirmButton
            label="Delete"
            question="Delete it?"
            busy={remove.isPending}
            onConfirm={() => remove.mutate(undefined)}
          />
        </>
      }
    >
      <History title="Runs">
        <Runs id={schedule.id} />
      </History>
    </Row>
  )
}

function stateOf(schedule: Schedule): [Tone, string] {
  if (!schedule.enabled) return ['neutral', 'Off']
  if (schedule.last_error !== null) return ['bad', 'Failed']
  return schedule.next_run_at === null ? ['neutral', 'Over'] : ['ok', 'On']
}

function When({ schedule }: { schedule: Schedule }) {
  if (schedule.cron === null) {
    return <span>once{schedule.at === null ? '' : `, ${formatMoment(schedule.at)}`}</span>
  }
  return (
    <span>
      <code className="font-mono">{schedule.cron}</code> {schedule.timezone}
    </span>
  )
}

const PASSED_OVER: Record<Exclude<ScheduleRun['status'], 'submitted'>, string> = {
  missed: 'missed: Nova was off',
  overlapped: 'left out: the run before went on',
  failed: 'no task',
}

function Runs({ id }: { id: string }) {
  const { data: runs } = useSuspenseQuery(runsQuery(id))
  if (runs.length === 0) return <p className="text-muted">It has not run yet.</p>
  return (
    <ul className="flex flex-col gap-1">
      {runs.map((run) => (
        <HistoryRow
          key={run.id}
          at={formatTime(run.slot)}
          note={run.kind === 'manual' ? 'by hand' : undefined}
          taskId={run.task_id}
          taskStatus={run.task_status as TaskStatus | null}
          instead={
            run.status === 'submitted'
              ? 'the task was deleted'
              : (run.error ?? PASSED_OVER[run.status])
          }
        />
      ))}
    </ul>
  )
}
