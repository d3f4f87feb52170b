import { type FormEvent, useState } from 'react'
import { useNavigate } from 'react-router'
import { messageOf } from '@/api/errors'
import { useForkTask } from '@/api/steps'
import type { ForkChanges, PipelineTaskDetail, Step } from '@/api/types'
import { classNames } from '@/lib/class-names'
import { paths } from '@/lib/paths'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'

const areaClass = classNames(controlClass, 'field-sizing-content max-h-80 min-h-16')

interface ForkFormProps {
  task: PipelineTaskDetail
  step: Step
  onCancel: () => void
}

/** What is to be otherwise from this step on; what stays empty stays as it was. */
export function ForkForm({ task, step, onCancel }: ForkFormProps) {
  const fork = useForkTask(task.id)
  const navigate = useNavigate()
  const [key] = useState(() => crypto.randomUUID())
  const answerable = step.kind !== 'memory'
  const ofAgent = step.stage !== 'recall'

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const changes = readForm(new FormData(event.currentTarget))
    fork.mutate(
      { body: { from_step: step.step, changes }, key },
      { onSuccess: ({ task_id }) => navigate(paths.task(task_id)) },
    )
  }

  return (
    <form
      onSubmit={send}
      aria-label="Fork from this step"
      className="grid gap-3 rounded-lg border p-4 md:grid-cols-2"
    >
      <p className="text-muted md:col-span-2">
        A new task takes over every step before this one and goes on from here, with tools on the
        workspace as it is now. What stays empty stays as it was.
      </p>
      {ofAgent && <Text name="system_prompt" label="System prompt of this stage" />}
      {answerable && (
        <Text
          name="answer"
          label={step.kind === 'tool' ? 'Result of the tool' : 'Answer of the model'}
          hint="Stands in the place of this call, which is not made again."
        />
      )}
      <Text name="user_input" label="Request" />
      {ofAgent && (
        <Field label="Model of this stage">
          {(id) => <input id={id} name="model" spellCheck={false} className={controlClass} />}
        </Field>
      )}
      <div className="flex flex-col gap-3 md:col-span-2">
        {fork.error !== null && <Notice>{messageOf(fork.error)}</Notice>}
        <span className="flex justify-end gap-2">
          <Button kind="ghost" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" kind="primary" busy={fork.isPending}>
            Fork
          </Button>
        </span>
      </div>
    </form>
  )
}

function Text({ name, label, hint }: { name: string; label: string; hint?: string }) {
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, describedBy) => (
        <textarea
          id={id}
          name={name}
          rows={2}
          aria-describedby={describedBy}
          className={areaClass}
        />
      )}
    </Field>
  )
}

function readForm(form: FormData): ForkChanges {
  const given = ['system_prompt', 'answer', 'user_input', 'model'].flatMap((name) => {
    const text = String(form.get(name) ?? '')
    return text.trim() === '' ? [] : [[name, text] as const]
  })
  return Object.fromEntries(given)
}
