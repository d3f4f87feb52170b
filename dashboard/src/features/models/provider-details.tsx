import type { FormEvent } from 'react'
import { messageOf } from '@/api/errors'
import { useChangeProvider, useForgetProvider } from '@/api/providers'
import type { Provider } from '@/api/types'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'
import { KeyList } from './key-list'

const SOURCES: Record<Provider['base_url_source'], string> = {
  default: 'the vendor’s own',
  environment: 'set by the environment',
  stored: 'set here',
}

/** A provider's keys, and where it is asked for what. */
export function ProviderDetails({ provider }: { provider: Provider }) {
  return (
    <div className="mt-2 flex flex-col gap-5 rounded-lg bg-raised p-3">
      {!provider.auth_methods?.includes('none') && <KeyList provider={provider} />}
      <SettingsForm key={`${provider.base_url} ${provider.default_model}`} provider={provider} />
    </div>
  )
}

function SettingsForm({ provider }: { provider: Provider }) {
  const change = useChangeProvider()
  const forget = useForgetProvider(provider.slug)

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const base = String(form.get('base_url') ?? '').trim()
    const model = String(form.get('default_model') ?? '').trim()
    change.mutate({
      slug: provider.slug,
      ...(base === provider.base_url ? {} : { base_url: base === '' ? null : base }),
      default_model: model === '' ? null : model,
    })
  }

  const error = change.error ?? forget.error
  return (
    <form
      onSubmit={send}
      aria-label={`Settings of ${provider.title}`}
      className="grid gap-3 md:grid-cols-2"
    >
      <Field
        label="Address"
        hint={`Now ${SOURCES[provider.base_url_source]}. A key is sent only to the server that it was entered for.`}
      >
        {(id, describedBy) => (
          <input
            id={id}
            name="base_url"
            type="url"
            defaultValue={provider.base_url}
            placeholder="http://192.168.1.7:8000/v1"
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <Field label="Default model" hint="What auto takes of this provider; empty lets Nova choose">
        {(id, describedBy) => (
          <input
            id={id}
            name="default_model"
            maxLength={300}
            defaultValue={provider.default_model ?? ''}
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <div className="flex flex-wrap items-center gap-2 md:col-span-2">
        <Button type="submit" kind="primary" busy={change.isPending}>
          Save
        </Button>
        {provider.base_url_source === 'stored' && !provider.is_custom && (
          <Button busy={forget.isPending} onClick={() => forget.mutate(undefined)}>
            Forget what was set here
          </Button>
        )}
      </div>
      {error !== null && (
        <div className="md:col-span-2">
          <Notice>{messageOf(error)}</Notice>
        </div>
      )}
    </form>
  )
}
