import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { providersQuery, useChangeProvider, useForgetProvider } from '@/api/providers'
import type { Provider } from '@/api/types'
import { ConfirmButton } from '@/components/confirm-button'
import { Row } from '@/components/row'
import { Badge, type Tone } from '@/ui/badge'
import { Button } from '@/ui/button'
import { ProviderDetails } from './provider-details'

const STATES: Record<Provider['status'], { label: string; tone: Tone }> = {
  ok: { label: 'Ready', tone: 'ok' },
  unavailable: { label: 'Not available', tone: 'bad' },
  not_configured: { label: 'Not set up', tone: 'neutral' },
  disabled: { label: 'Off', tone: 'neutral' },
}

const KINDS: Record<Provider['kind'], string> = {
  local: 'local',
  subscription: 'subscription',
  free: 'free tier',
  paid: 'paid',
}

/** What can be used stands first, then what fails, then what nobody has set up. */
const ORDER: Provider['status'][] = ['ok', 'unavailable', 'disabled', 'not_configured']

export function ProviderList() {
  const { data } = useSuspenseQuery(providersQuery)
  const sorted = [...data].sort(
    (one, other) => ORDER.indexOf(one.status) - ORDER.indexOf(other.status),
  )
  return (
    <ul className="divide-y">
      {sorted.map((provider) => (
        <ProviderRow key={provider.slug} provider={provider} />
      ))}
    </ul>
  )
}

function ProviderRow({ provider }: { provider: Provider }) {
  const [open, setOpen] = useState(false)
  const change = useChangeProvider()
  const forget = useForgetProvider(provider.slug)
  const state = STATES[provider.status]
  return (
    <Row
      name={provider.title}
      badge={<Badge tone={state.tone}>{state.label}</Badge>}
      text={provider.reason || modelCount(provider.model_count ?? 0)}
      error={change.error ?? forget.error}
      facts={
        <>
          <span>{KINDS[provider.kind]}</span>
          {provider.base_url !== '' && (
            <span className="[overflow-wrap:anywhere]">{provider.base_url}</span>
          )}
          <span>{keyCount(provider)}</span>
          {provider.latency_ms != null && <span>{Math.round(provider.latency_ms)} ms</span>}
        </>
      }
      actions={
        provider.slug === 'offline' ? null : (
          <>
            <Button aria-expanded={open} onClick={() => setOpen(!open)}>
              {open ? 'Close' : 'Set up'}
            </Button>
            <Button
              busy={change.isPending}
              onClick={() => change.mutate({ slug: provider.slug, enabled: !provider.enabled })}
            >
              {provider.enabled ? 'Turn off' : 'Turn on'}
            </Button>
            {provider.is_custom && (
              <ConfirmButton
                label="Delete"
                question="Delete it and its keys?"
                busy={forget.isPending}
                onConfirm={() => forget.mutate(undefined)}
              />
            )}
          </>
        )
      }
    >
      {open && <ProviderDetails provider={provider} />}
    </Row>
  )
}

function keyCount(provider: Provider): string {
  const count = provider.credentials?.length ?? 0
  if (provider.auth_methods?.includes('none')) return 'takes no key'
  if (count === 0) return 'no key'
  return count === 1 ? '1 key' : `${count} keys`
}

function modelCount(count: number): string {
  return count === 1 ? '1 model' : `${count} models`
}
