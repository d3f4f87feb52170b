import type { FormEvent } from 'react'
import { useCreateEndpoint } from '@/api/endpoints'
import { messageOf } from '@/api/errors'
import type { CreateEndpoint } from '@/api/types'
import { classNames } from '@/lib/class-names'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'

const PROTOCOLS = ['a2a', 'acp', 'generic'] as const

export function EndpointForm({ onDone }: { onDone: () => void }) {
  const create = useCreateEndpoint()

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    create.mutate(readForm(new FormData(event.currentTarget)), { onSuccess: onDone })
  }

  return (
    <form
      onSubmit={send}
      aria-label="Connect agent"
      className="grid gap-3 border-b p-4 md:grid-cols-2"
    >
      <Field label="Name">
        {(id) => <input id={id} name="name" required maxLength={200} className={controlClass} />}
      </Field>
      <Field label="Protocol">
        {(id) => (
          <select id={id} name="protocol" className={classNames(controlClass, 'h-9 py-0')}>
            <option value="a2a">A2A (Agent2Agent)</option>
            <option value="acp">ACP (Agent Communication Protocol)</option>
            <option value="generic">Plain JSON by POST</option>
          </select>
        )}
      </Field>
      <Field label="Address" hint="For A2A the one that its agent card lies under">
        {(id, describedBy) => (
          <input
            id={id}
            name="url"
            type="url"
            required
            placeholder="http://192.168.1.7:9999"
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <Field label="Token" hint="Sent as a bearer token, stored encrypted, never shown again">
        {(id, describedBy) => (
          <input
            id={id}
            name="auth_token"
            type="password"
            autoComplete="off"
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <Field label="What it is good for" hint="Nova's agents read this to choose it">
        {(id, describedBy) => (
          <input
            id={id}
            name="description"
            maxLength={2000}
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <div className="flex flex-col justify-end gap-3">
        {create.error !== null && <Notice>{messageOf(create.error)}</Notice>}
        <span className="flex justify-end">
          <Button type="submit" kind="primary" busy={create.isPending}>
            Connect
          </Button>
        </span>
      </div>
    </form>
  )
}

function readForm(form: FormData): CreateEndpoint {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  const token = text('auth_token')
  return {
    name: text('name'),
    url: text('url'),
    description: text('description'),
    protocol: PROTOCOLS.find((one) => one === text('protocol')) ?? 'a2a',
    ...(token === '' ? {} : { auth_token: token }),
  }
}
