import { type FormEvent, useState } from 'react'
import { messageOf } from '@/api/errors'
import { useAddKey, useChangeKey, useRemoveKey, useTestKey } from '@/api/providers'
import type { Provider, ProviderKey } from '@/api/types'
import { ConfirmButton } from '@/components/confirm-button'
import { formatTime } from '@/lib/format'
import { Badge, type Tone } from '@/ui/badge'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'

const STATES: Record<ProviderKey['state'], { label: string; tone: Tone }> = {
  ok: { label: 'In use', tone: 'ok' },
  limited: { label: 'Resting', tone: 'warn' },
  refused: { label: 'Refused', tone: 'bad' },
  disabled: { label: 'Off', tone: 'neutral' },
  unreadable: { label: 'Not readable', tone: 'bad' },
  elsewhere: { label: 'For another server', tone: 'warn' },
}

export function KeyList({ provider }: { provider: Provider }) {
  const keys = provider.credentials ?? []
  return (
    <section aria-label={`Keys of ${provider.title}`} className="flex flex-col gap-3">
      <h3 className="font-medium">Keys</h3>
      {keys.length === 0 ? (
        <p className="text-muted">
          None yet. Add one here
          {provider.key_variable != null && `, or set ${provider.key_variable} in the environment`}.
        </p>
      ) : (
        <ul className="flex flex-col gap-2">
          {keys.map((key) => (
            <KeyRow key={key.id} slug={provider.slug} found={key} />
          ))}
        </ul>
      )}
      <KeyForm provider={provider} />
    </section>
  )
}

function KeyRow({ slug, found }: { slug: string; found: ProviderKey }) {
  const test = useTestKey(slug, found.id)
  const change = useChangeKey(slug, found.id)
  const remove = useRemoveKey(slug, found.id)
  const state = STATES[found.state]
  const error = test.error ?? change.error ?? remove.error
  return (
    <li aria-label={found.name} className="flex flex-col gap-2 rounded-lg border bg-surface p-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="font-medium [overflow-wrap:anywhere]">{found.name}</span>
        {found.last_four !== '' && <code className="text-muted">…{found.last_four}</code>}
        <Badge tone={state.tone}>{state.label}</Badge>
        <span className="ml-auto flex flex-wrap gap-2">
          <Button busy={test.isPending} onClick={() => test.mutate(undefined)}>
            Test
          </Button>
          {found.source === 'stored' && (
            <>
              <Button
                busy={change.isPending}
                onClick={() => change.mutate({ enabled: !found.enabled })}
              >
                {found.enabled ? 'Turn off' : 'Turn on'}
              </Button>
              <ConfirmButton
                label="Remove"
                question="Remove it?"
                busy={remove.isPending}
                onConfirm={() => remove.mutate(undefined)}
              />
            </>
          )}
        </span>
      </div>
      {Boolean(found.reason) && (
        <p className="text-muted [overflow-wrap:anywhere]">
          {found.reason}
          {found.until != null && ` Until ${formatTime(found.until)}.`}
        </p>
      )}
      {test.data?.ok && (
        <p role="status" className="text-ok">
          It works: {test.data.model_count} models, {Math.round(test.data.latency_ms)} ms.
        </p>
      )}
      {test.data !== undefined && !test.data.ok && <Notice>{test.data.detail}</Notice>}
      {error !== null && <Notice>{messageOf(error)}</Notice>}
    </li>
  )
}

function KeyForm({ provider }: { provider: Provider }) {
  const add = useAddKey(provider.slug)
  // Each key gets an empty form of its own.
  const [added, setAdded] = useState(0)

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const name = String(given.get('name') ?? '').trim()
    add.mutate(
      { key: String(given.get('key') ?? ''), ...(name === '' ? {} : { name }) },
      { onSuccess: () => setAdded((count) => count + 1) },
    )
  }

  return (
    <form
      key={added}
      onSubmit={send}
      aria-label={`Add a key to ${provider.title}`}
      className="grid items-start gap-3 md:grid-cols-[2fr_1fr_auto]"
    >
      <Field label="New key" hint="Stored encrypted, never shown again">
        {(id, describedBy) => (
          <input
            id={id}
            name="key"
            type="password"
            autoComplete="off"
            required
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <Field label="Name" hint="Tells several keys apart">
        {(id, describedBy) => (
          <input
            id={id}
            name="name"
            maxLength={100}
            placeholder="key 1"
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <Button type="submit" busy={add.isPending} className="md:mt-[1.625rem]">
        Add key
      </Button>
      {add.error !== null && (
        <div className="md:col-span-3">
          <Notice>{messageOf(add.error)}</Notice>
        </div>
      )}
    </form>
  )
}
