import { useState } from 'react'
import type { CreateSchedule, Schedule } from '@/api/types'
import { type Entries, EntryForm } from '@/components/entry-form'
import { PodField } from '@/components/pod-field'
import { classNames } from '@/lib/class-names'
import { localInput } from '@/lib/format'
import { controlClass, Field, TextField } from '@/ui/field'

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone
const selectClass = classNames(controlClass, 'h-9 py-0')

type When = 'cron' | 'at'

/** What a schedule is, whether it is made or changed: what is not meant is null. */
export type ScheduleEntries = CreateSchedule & { cron: string | null; at: string | null }

export function ScheduleForm({
  label,
  action,
  schedule,
  busy,
  error,
  framed,
  onSend,
}: {
  label: string
  action: string
  schedule?: Schedule
  busy: boolean
  error: unknown
  framed?: boolean
  onSend: (entries: ScheduleEntries) => void
}) {
  const [when, setWhen] = useState<When>(schedule?.at != null ? 'at' : 'cron')
  return (
    <EntryForm
      label={label}
      action={action}
      busy={busy}
      error={error}
      framed={framed ?? false}
      onSend={(entries) => onSend(scheduleIn(entries))}
    >
      <TextField label="Name" name="name" required maxLength={200} defaultValue={schedule?.name} />
      <PodField value={schedule?.pod_name ?? null} />
      <div className="md:col-span-2">
        <Field label="What should be done?">
          {(id) => (
            <textarea
              id={id}
              name="user_input"
              required
              rows={2}
              defaultValue={schedule?.user_input}
              placeholder="Summarise what has changed in the workspace since yesterday"
              className={classNames(controlClass, 'field-sizing-content max-h-80 min-h-16')}
            />
          )}
        </Field>
      </div>
      <Field label="When">
        {(id) => (
          <select
            id={id}
            name="when"
            value={when}
            onChange={(event) => setWhen(event.target.value === 'at' ? 'at' : 'cron')}
            className={selectClass}
          >
            <option value="cron">Again and again</option>
            <option value="at">Once</option>
          </select>
        )}
      </Field>
      {when === 'cron' ? <Repeating schedule={schedule} /> : <Once at={schedule?.at ?? null} />}
    </EntryForm>
  )
}

function Repeating({ schedule }: { schedule: Schedule | undefined }) {
  return (
    <>
      <TextField
        label="Cron expression"
        hint="Minute, hour, day of month, month, day of week; or @hourly, @daily, @weekly, @monthly."
        name="cron"
        required
        maxLength={200}
        defaultValue={schedule?.cron ?? '0 8 * * *'}
        spellCheck={false}
        className="font-mono"
      />
      <TextField
        label="Time zone"
        hint="As its own clocks show it, through summer time and back."
        name="timezone"
        required
        defaultValue={schedule?.timezone ?? HERE}
        spellCheck={false}
      />
      <Field label="If Nova was off at the time">
        {(id) => (
          <select
            id={id}
            name="misfire"
            defaultValue={schedule?.misfire ?? 'once'}
            className={selectClass}
          >
            <option value="once">Run once when it is back</option>
            <option value="all">Run each time that was missed</option>
            <option value="skip">Wait for the next time</option>
          </select>
        )}
      </Field>
      <Field label="If the run before still goes on">
        {(id) => (
          <select
            id={id}
            name="overlap"
            defaultValue={schedule?.overlap ?? 'start'}
            className={selectClass}
          >
            <option value="start">Start beside it</option>
            <option value="skip">Leave this one out</option>
          </select>
        )}
      </Field>
    </>
  )
}

function Once({ at }: { at: string | null }) {
  return (
    <TextField
      label="Date and time"
      hint={`In your time zone, ${HERE}.`}
      name="at"
      type="datetime-local"
      required
      defaultValue={at === null ? undefined : localInput(at)}
    />
  )
}

function scheduleIn(entries: Entries): ScheduleEntries {
  const shared = {
    name: entries.text('name'),
    user_input: entries.text('user_input'),
    pod_name: entries.text('pod_name') || null,
  }
  if (entries.text('when') === 'at') {
    return {
      ...shared,
      cron: null,
      at: new Date(entries.text('at')).toISOString(),
      timezone: HERE,
    }
  }
  return {
    ...shared,
    cron: entries.text('cron'),
    at: null,
    timezone: entries.text('timezone'),
    misfire: entries.text('misfire') as Schedule['misfire'],
    overlap: entries.text('overlap') as Schedule['overlap'],
  }
}
