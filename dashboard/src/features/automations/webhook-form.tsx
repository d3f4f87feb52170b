import { type FormEvent, useState } from 'react'
import { messageOf } from '@/api/errors'
import type { CreateWebhook } from '@/api/types'
import { useCreateWebhook } from '@/api/webhooks'
import { PodField } from '@/components/pod-field'
import { classNames } from '@/lib/class-names'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'
import { SecretNote } from './secret-note'

const EXAMPLE = 'Triage this issue: {{payload.issue.title}}\n{{payload.issue.body}}'

export function WebhookForm({ onDone }: { onDone: () => void }) {
  const [empty, setEmpty] = useState(true)
  const create = useCreateWebhook()

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    create.mutate(readForm(new FormData(event.currentTarget)))
  }

  if (create.data !== undefined) return <SecretNote webhook={create.data} onDone={onDone} />
  return (
    <form
      onSubmit={send}
      aria-label="New webhook"
      className="grid gap-3 border-b p-4 md:grid-cols-2"
    >
      <Field label="Name">
        {(id) => <input id={id} name="name" required maxLength={200} className={controlClass} />}
      </Field>
      <Field label="Signed as">
        {(id) => (
          <select id={id} name="scheme" className={classNames(controlClass, 'h-9 py-0')}>
            <option value="nova">Nova’s own (X-Nova-Signature)</option>
            <option value="github">GitHub, Gitea, Forgejo (X-Hub-Signature-256)</option>
          </select>
        )}
      </Field>
      <div className="md:col-span-2">
        <Field
          label="What should be done?"
          hint="{{payload}} is what was sent, {{payload.issue.title}} a part of it. Agents see it as material from outside, not as instructions."
        >
          {(id, describedBy) => (
            <textarea
              id={id}
              name="template"
              required
              rows={3}
              placeholder={EXAMPLE}
              onChange={(event) => setEmpty(event.target.value.trim() === '')}
              aria-describedby={describedBy}
              className={classNames(controlClass, 'field-sizing-content max-h-80 min-h-20')}
            />
          )}
        </Field>
      </div>
      <PodField />
      <div className="flex flex-col justify-end gap-3">
        {create.error !== null && <Notice>{messageOf(create.error)}</Notice>}
        <span className="flex justify-end">
          <Button
            type="submit"
            kind="primary"
            busy={create.isPending}
            reason={empty ? 'Say first what should be done' : null}
          >
            Create webhook
          </Button>
        </span>
      </div>
    </form>
  )
}

function readForm(form: FormData): CreateWebhook {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  const pod = text('pod_name')
  return {
    name: text('name'),
    template: text('template'),
    scheme: text('scheme') === 'github' ? 'github' : 'nova',
    ...(pod === '' ? {} : { pod_name: pod }),
  }
}
