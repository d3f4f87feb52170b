import type { FormEvent } from 'react'
import { messageOf } from '@/api/errors'
import { useCreateApiKey } from '@/api/keys'
import type { CreateApiKey } from '@/api/types'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'
import { LimitFields, limitsOf } from './limit-fields'
import { NewKeyNote } from './new-key-note'

const SCOPES = [
  { name: 'chat', text: 'Talk to the primary agent' },
  { name: 'tasks', text: 'Give and read tasks' },
  { name: 'models', text: 'Call models' },
  { name: 'memory', text: 'Store and search memories' },
] as const

export function KeyForm({ onDone }: { onDone: () => void }) {
  const create = useCreateApiKey()

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    create.mutate(readForm(new FormData(event.currentTarget)))
  }

  if (create.data !== undefined) return <NewKeyNote made={create.data} onDone={onDone} />
  return (
    <form onSubmit={send} aria-label="New key" className="flex flex-col gap-3 border-b p-4">
      <div className="grid gap-3 md:grid-cols-2">
        <Field label="Name" hint="Who or what will use it">
          {(id, describedBy) => (
            <input
              id={id}
              name="name"
              required
              maxLength={200}
              aria-describedby={describedBy}
              className={controlClass}
            />
          )}
        </Field>
        <Field label="Valid until" hint="Empty: until it is revoked">
          {(id, describedBy) => (
            <input
              id={id}
              name="expires_at"
              type="datetime-local"
              aria-describedby={describedBy}
              className={controlClass}
            />
          )}
        </Field>
      </div>
      <fieldset className="flex flex-wrap gap-x-5 gap-y-2">
        <legend className="mb-1.5 font-medium text-[0.8125rem]">Scopes</legend>
        {SCOPES.map(({ name, text }) => (
          <label key={name} className="flex items-center gap-2" title={text}>
            <input type="checkbox" name="scopes" value={name} defaultChecked />
            {name}
          </label>
        ))}
      </fieldset>
      <LimitFields />
      {create.error !== null && <Notice>{messageOf(create.error)}</Notice>}
      <span className="flex justify-end">
        <Button type="submit" kind="primary" busy={create.isPending}>
          Create key
        </Button>
      </span>
    </form>
  )
}

function readForm(form: FormData): CreateApiKey {
  const { rate_limit_rpm, ...limits } = limitsOf(form)
  const until = String(form.get('expires_at') ?? '')
  return {
    name: String(form.get('name') ?? '').trim(),
    scopes: form.getAll('scopes').map(String),
    ...limits,
    ...(rate_limit_rpm == null ? {} : { rate_limit_rpm }),
    // The field gives the reader's own time without a zone.
    ...(until === '' ? {} : { expires_at: new Date(until).toISOString() }),
  }
}
