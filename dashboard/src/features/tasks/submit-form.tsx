import { type FormEvent, useState } from 'react'
import { useNavigate } from 'react-router'
import { messageOf } from '@/api/errors'
import { useSubmitTask } from '@/api/tasks'
import type { PipelineSubmit } from '@/api/types'
import { PodField } from '@/components/pod-field'
import { classNames } from '@/lib/class-names'
import { paths } from '@/lib/paths'
import { randomId } from '@/lib/random-id'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'

export function SubmitForm() {
  const [goal, setGoal] = useState('')
  // The same key for every press until the goal changes: a retry is the same task.
  const [key, setKey] = useState(randomId)
  const submit = useSubmitTask()
  const navigate = useNavigate()

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const body = readForm(new FormData(event.currentTarget))
    submit.mutate({ body, key }, { onSuccess: ({ task_id }) => void navigate(paths.task(task_id)) })
  }

  function change(text: string) {
    setGoal(text)
    setKey(randomId())
  }

  return (
    <Card className="p-4">
      <form onSubmit={send} onChange={() => setKey(randomId())} className="flex flex-col gap-3">
        <label htmlFor="goal" className="font-semibold">
          What should be done?
        </label>
        <textarea
          id="goal"
          name="user_input"
          rows={2}
          required
          value={goal}
          onChange={(event) => change(event.target.value)}
          placeholder="Read notes.txt in the workspace, write its word count to count.txt"
          className={classNames(
            controlClass,
            'field-sizing-content max-h-80 min-h-16 text-base md:text-sm',
          )}
        />
        {submit.error !== null && <Notice>{messageOf(submit.error)}</Notice>}
        <div className="flex flex-col gap-3 md:flex-row md:items-end">
          <div className="md:w-56">
            <PodField />
          </div>
          <details className="group min-w-0 flex-1 md:order-none">
            <summary className="flex h-9 list-none items-center text-muted hover:text-ink">
              <span className="group-open:hidden">More options</span>
              <span className="hidden group-open:inline">Fewer options</span>
            </summary>
            <Options />
          </details>
          <Button
            type="submit"
            kind="primary"
            busy={submit.isPending}
            reason={goal.trim() === '' ? 'Say first what should be done' : null}
          >
            Start task
          </Button>
        </div>
      </form>
    </Card>
  )
}

function Options() {
  return (
    <div className="mt-2 grid gap-3 md:grid-cols-2">
      <Field label="Workspace folder" hint="A subfolder of the workspace; empty for all of it.">
        {(id, describedBy) => (
          <input id={id} name="workspace" aria-describedby={describedBy} className={controlClass} />
        )}
      </Field>
      <Field label="Model" hint="Instead of the pod's own choice, such as ollama/qwen3.">
        {(id, describedBy) => (
          <input id={id} name="model" aria-describedby={describedBy} className={controlClass} />
        )}
      </Field>
    </div>
  )
}

function readForm(form: FormData): PipelineSubmit {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  const metadata: Record<string, unknown> = {}
  if (text('workspace') !== '') metadata['workspace'] = text('workspace')
  if (text('model') !== '') metadata['model_override'] = text('model')
  const pod = text('pod_name')
  return { user_input: text('user_input'), metadata, ...(pod === '' ? {} : { pod_name: pod }) }
}
