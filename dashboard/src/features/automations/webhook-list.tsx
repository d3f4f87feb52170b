import { useSuspenseQuery } from '@tanstack/react-query'
import type { TaskStatus, Webhook } from '@/api/types'
import {
  addressOf,
  deliveriesQuery,
  useDeleteWebhook,
  useEnableWebhook,
  useRotateWebhook,
  webhooksQuery,
} from '@/api/webhooks'
import { ConfirmButton } from '@/components/confirm-button'
import { Copyable } from '@/components/copyable'
import { Listing } from '@/components/listing'
import { Row } from '@/components/row'
import { DeleteButton, SwitchButton } from '@/components/row-actions'
import { Ago } from '@/components/times'
import { formatTime } from '@/lib/format'
import { Badge, type Tone } from '@/ui/badge'
import { History, HistoryRow } from './history'
import { SecretNote } from './secret-note'

export function WebhookList() {
  const { data } = useSuspenseQuery(webhooksQuery)
  return (
    <Listing
      items={data.webhooks}
      total={data.total}
      empty={{
        icon: 'arrowUp',
        title: 'No webhooks yet',
        text: 'A webhook is an address that another system calls, GitHub for one, to give Nova a task.',
      }}
    >
      {(webhook) => <WebhookRow key={webhook.id} webhook={webhook} />}
    </Listing>
  )
}

function WebhookRow({ webhook }: { webhook: Webhook }) {
  const rotate = useRotateWebhook(webhook.id)
  const enable = useEnableWebhook(webhook.id)
  const remove = useDeleteWebhook(webhook.id)
  const [tone, state] = stateOf(webhook)
  return (
    <Row
      name={webhook.name}
      badge={<Badge tone={tone}>{state}</Badge>}
      text={webhook.template}
      error={rotate.error ?? enable.error ?? remove.error ?? webhook.last_error}
      facts={
        <>
          <span>{webhook.scheme === 'github' ? 'signed as by GitHub' : 'signed as Nova does'}</span>
          {webhook.last_delivery_at === null ? (
            <span>nothing delivered yet</span>
          ) : (
            <span>
              last delivery <Ago at={webhook.last_delivery_at} />
            </span>
          )}
          <span>{webhook.pod_name ?? 'pod chosen by Nova'}</span>
        </>
      }
      actions={
        <>
          <ConfirmButton
            label="New secret"
            question="Replace it?"
            busy={rotate.isPending}
            onConfirm={() => rotate.mutate(undefined)}
          />
          <SwitchButton
            enabled={webhook.enabled}
            busy={enable.isPending}
            onSwitch={enable.mutate}
          />
          <DeleteButton removal={remove} />
        </>
      }
    >
      {rotate.data !== undefined && <SecretNote webhook={rotate.data} onDone={rotate.reset} />}
      <History title="Address and deliveries">
        <div className="flex flex-col gap-3">
          <Copyable label="Address" text={addressOf(webhook)} />
          <Deliveries id={webhook.id} />
        </div>
      </History>
    </Row>
  )
}

function stateOf(webhook: Webhook): [Tone, string] {
  if (!webhook.enabled) return ['neutral', 'Off']
  return webhook.last_error === null ? ['ok', 'On'] : ['bad', 'Failed']
}

function Deliveries({ id }: { id: string }) {
  const { data: deliveries } = useSuspenseQuery(deliveriesQuery(id))
  if (deliveries.length === 0) return <p className="text-muted">Nothing was delivered yet.</p>
  return (
    <ul className="flex flex-col gap-1">
      {deliveries.map((delivery) => (
        <HistoryRow
          key={delivery.task_id}
          at={formatTime(delivery.received_at)}
          note={delivery.delivery_id ?? undefined}
          taskId={delivery.task_id}
          taskStatus={delivery.task_status as TaskStatus | null}
          instead="the task was deleted"
        />
      ))}
    </ul>
  )
}
