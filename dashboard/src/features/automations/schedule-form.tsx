import { type FormEvent, useState } from 'react'
import { messageOf } from '@/api/errors'
import { useCreateSchedule } from '@/api/schedules'
import type { CreateSchedule } from '@/api/types'
import { PodField } from '@/components/pod-field'
import { classNames } from '@/lib/class-names'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone
const selectClass = classNames(controlClass, 'h-9 py-0')

type When = 'cron' | 'at'

export function ScheduleForm({ onDone }: { onDone: () => void }) {
  const [when, setWhen] = useState<When>('cron')
  const create = useCreateSchedule()

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    create.mutate(readForm(new FormData(event.currentTarget)), { onSuccess: onDone })
  }

  return (
    <form
      onSubmit={send}
      aria-label="New schedule"
      className="grid gap-3 border-b p-4 md:grid-cols-2"
    >
      <Field label="Name">
        {(id) => <input id={id} name="name" required maxLength={200} className={controlClass} />}
      </Field>
      <PodField />
      <div className="md:col-span-2">
        <Field label="What should be done?">
          {(id) => (
            <textarea
              id={id}
              name="user_input"
              required
              rows={2}
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
      {when === 'cron' ? <Repeating /> : <Once />}
      <div className="flex flex-col gap-3 md:col-span-2">
        {create.error !== null && <Notice>{messageOf(create.error)}</Notice>}
        <span className="flex justify-end">
          <Button type="submit" kind="primary" busy={create.isPending}>
            Create schedule
          </Button>
        </span>
      </div>
    </form>
  )
}

function Repeating() {
  return (
    <>
      <Field
        label="Cron expression"
        hint="Minute, hour, day of month, month, day of week; or @hourly, @daily, @weekly, @monthly."
      >
        {(id, describedBy) => (
          <input
            id={id}
            name="cron"
            required
            maxLength={200}
            defaultValue="0 8 * * *"
            spellCheck={false}
            aria-describedby={describedBy}
            className={classNames(controlClass, 'font-mono')}
          />
        )}
      </Field>
      <Field label="Time zone" hint="As its own clocks show it, through summer time and back.">
        {(id, describedBy) => (
          <input
            id={id}
            name="timezone"
            required
            defaultValue={HERE}
            spellCheck={false}
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <Field label="If Nova was off at the time">
        {(id) => (
          <select id={id} name="misfire" className={selectClass}>
            <option value="once">Run once when it is back</option>
            <option value="all">Run each time that was missed</option>
            <option value="skip">Wait for the next time</option>
          </select>
        )}
      </Field>
      <Field label="If the run before still goes on">
        {(id) => (
          <select id={id} name="overlap" className={selectClass}>
            <option value="start">Start beside it</option>
            <option value="skip">Leave this one out</option>
          </select>
        )}
      </Field>
    </>
  )
}

function Once() {
  return (
    <Field label="Date and time" hint={`In your time zone, ${HERE}.`}>
      {(id, describedBy) => (
        <input
          id={id}
          name="at"
          type="datetime-local"
          required
          aria-describedby={describedBy}
          className={controlClass}
        />
      )}
    </Field>
  )
}

function readForm(form: FormData): CreateSchedule {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  const pod = text('pod_name')
  const shared = {
    name: text('name'),
    user_input: text('user_input'),
    ...(pod === '' ? {} : { pod_name: pod }),
  }
  if (text('when') === 'at') {
    return { ...shared, at: new Date(text('at')).toISOString(), timezone: HERE }
  }
  return {
    ...shared,
    cron: text('cron'),
    timezone: text('timezone'),
    misfire: text('misfire') as NonNullable<CreateSchedule['misfire']>,
    overlap: text('overlap') as NonNullable<CreateSchedule['overlap']>,
  }
}
