import { useSuspenseQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { messageOf } from '@/api/errors'
import { apiKeysQuery, useLimitApiKey, useRevokeApiKey } from '@/api/keys'
import type { ApiKey } from '@/api/types'
import { ConfirmButton } from '@/components/confirm-button'
import { More, Row } from '@/components/row'
import { Ago } from '@/components/times'
import { useNow } from '@/lib/clock'
import { formatCost, formatCount, formatMoment } from '@/lib/format'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Empty, Notice } from '@/ui/notice'
import { LimitFields, limitsOf } from './limit-fields'

export function KeyList() {
  const { data } = useSuspenseQuery(apiKeysQuery)
  if (data.keys.length === 0) {
    return (
      <Empty icon="key" title="No keys yet">
        A key lets another program use Nova’s agents, models and memory.
      </Empty>
    )
  }
  return (
    <>
      <ul className="divide-y">
        {data.keys.map((key) => (
          <KeyRow key={key.id} apiKey={key} />
        ))}
      </ul>
      <More shown={data.keys.length} total={data.total} />
    </>
  )
}

function KeyRow({ apiKey }: { apiKey: ApiKey }) {
  const [changing, setChanging] = useState(false)
  const revoke = useRevokeApiKey(apiKey.id)
  return (
    <Row
      name={apiKey.name}
      badge={
        <>
          <code className="text-muted">{apiKey.key_prefix}…</code>
          <Expiry at={apiKey.expires_at} />
        </>
      }
      text={limitsInWords(apiKey)}
      error={revoke.error}
      facts={
        <>
          {apiKey.last_used_at === null ? (
            <span>never used</span>
          ) : (
            <span>
              last used <Ago at={apiKey.last_used_at} />
            </span>
          )}
          <span>
            made <Ago at={apiKey.created_at} />
          </span>
          <span>{apiKey.scopes.length === 0 ? 'no scopes' : apiKey.scopes.join(', ')}</span>
        </>
      }
      actions={
        <>
          <Button aria-expanded={changing} onClick={() => setChanging(!changing)}>
            {changing ? 'Close' : 'Limits'}
          </Button>
          <ConfirmButton
            label="Revoke"
            question="Revoke it for good?"
            busy={revoke.isPending}
            onConfirm={() => revoke.mutate(undefined)}
          />
        </>
      }
    >
      {changing && <LimitsForm apiKey={apiKey} onDone={() => setChanging(false)} />}
    </Row>
  )
}

function Expiry({ at }: { at: string | null }) {
  const now = useNow()
  if (at === null) return null
  const over = Date.parse(at) <= now
  return (
    <Badge tone={over ? 'bad' : 'neutral'}>{over ? 'Expired' : `Until ${formatMoment(at)}`}</Badge>
  )
}

function LimitsForm({ apiKey, onDone }: { apiKey: ApiKey; onDone: () => void }) {
  const limit = useLimitApiKey(apiKey.id)

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    limit.mutate(limitsOf(new FormData(event.currentTarget)), { onSuccess: onDone })
  }

  return (
    <form
      onSubmit={send}
      aria-label={`Limits of ${apiKey.name}`}
      className="flex flex-col gap-3 rounded-lg bg-raised p-3"
    >
      <LimitFields apiKey={apiKey} />
      {limit.error !== null && <Notice>{messageOf(limit.error)}</Notice>}
      <span className="flex justify-end">
        <Button type="submit" kind="primary" busy={limit.isPending}>
          Save
        </Button>
      </span>
    </form>
  )
}

/** "60 requests and 10,000 tokens a minute · $5.00 in all · ollama/*" */
function limitsInWords(key: ApiKey): string {
  const requests = `${formatCount(key.rate_limit_rpm)} requests`
  const tokens = key.rate_limit_tpm === null ? '' : ` and ${formatCount(key.rate_limit_tpm)} tokens`
  const models = key.allowed_models
  return [
    `${requests}${tokens} a minute`,
    key.budget_usd === null ? 'no budget' : `${formatCost(key.budget_usd)} in all`,
    ...(key.max_concurrent_tasks === null ? [] : [`${key.max_concurrent_tasks} tasks at once`]),
    models === null ? 'all models' : models.length === 0 ? 'no model' : models.join(', '),
  ].join(' · ')
}
