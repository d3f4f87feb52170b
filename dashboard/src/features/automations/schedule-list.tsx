import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import {
  runsQuery,
  schedulesQuery,
  useDeleteSchedule,
  useRunSchedule,
  useUpdateSchedule,
} from '@/api/schedules'
import type { Schedule, ScheduleRun, TaskStatus } from '@/api/types'
import { Listing } from '@/components/listing'
import { Row } from '@/components/row'
import { DeleteButton, EditButton, SwitchButton } from '@/components/row-actions'
import { Ago } from '@/components/times'
import { formatMoment, formatTime } from '@/lib/format'
import { Badge, type Tone } from '@/ui/badge'
import { Button } from '@/ui/button'
import { History, HistoryRow } from './history'
import { ScheduleForm } from './schedule-form'

export function ScheduleList() {
  const { data } = useSuspenseQuery(schedulesQuery)
  return (
    <Listing
      items={data.schedules}
      total={data.total}
      empty={{
        icon: 'clock',
        title: 'No schedules yet',
        text: 'A schedule gives Nova a task at its time: every morning, every hour, or once.',
      }}
    >
      {(schedule) => <ScheduleRow key={schedule.id} schedule={schedule} />}
    </Listing>
  )
}

function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const [editing, setEditing] = useState(false)
  const run = useRunSchedule(schedule.id)
  const update = useUpdateSchedule(schedule.id)
  const remove = useDeleteSchedule(schedule.id)
  const [tone, state] = stateOf(schedule)
  return (
    <Row
      name={schedule.name}
      badge={<Badge tone={tone}>{state}</Badge>}
      text={schedule.user_input}
      error={run.error ?? (editing ? null : update.error) ?? remove.error ?? schedule.last_error}
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
          <EditButton open={editing} onToggle={() => setEditing(!editing)} />
          <SwitchButton
            enabled={schedule.enabled}
            busy={update.isPending}
            onSwitch={(enabled) => update.mutate({ enabled })}
          />
          <DeleteButton removal={remove} />
        </>
      }
    >
      {editing && (
        <ScheduleForm
          label={`Edit ${schedule.name}`}
          action="Save"
          schedule={schedule}
          busy={update.isPending}
          error={update.error}
          onSend={(entries) => update.mutate(entries, { onSuccess: () => setEditing(false) })}
        />
      )}
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
