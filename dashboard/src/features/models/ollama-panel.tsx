import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { messageOf } from '@/api/errors'
import { ollamaStatusQuery, pulledQuery, useDeletePulled } from '@/api/ollama'
import type { OllamaModel, OllamaStatus } from '@/api/types'
import { ConfirmButton } from '@/components/confirm-button'
import { Row } from '@/components/row'
import { Badge } from '@/ui/badge'
import { Empty, Notice, Skeleton } from '@/ui/notice'
import { PullForm } from './pull-form'

const GIGABYTE = 1e9

export function OllamaPanel() {
  const { data: status } = useSuspenseQuery(ollamaStatusQuery)
  if (status.status === 'not_configured' || status.status === 'disabled') {
    return (
      <Empty icon="cpu" title="Ollama is not set up">
        {status.detail}
      </Empty>
    )
  }
  return (
    <>
      <StatusLine status={status} />
      <PullForm />
      <PulledModels loaded={(status.loaded ?? []).map(({ name }) => name)} />
    </>
  )
}

function StatusLine({ status }: { status: OllamaStatus }) {
  const up = status.version != null
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-4 py-3">
      <Badge tone={up ? 'ok' : status.waking ? 'busy' : 'bad'}>
        {up ? 'Up' : status.waking ? 'Waking' : 'Down'}
      </Badge>
      <span className="text-muted [overflow-wrap:anywhere]">{status.base_url}</span>
      {up && <span className="text-muted">version {status.version}</span>}
      {status.detail !== '' && <span className="[overflow-wrap:anywhere]">{status.detail}</span>}
      {status.can_wake && !up && (
        <span className="text-muted">Its machine is woken when a model of it is needed.</span>
      )}
    </div>
  )
}

function PulledModels({ loaded }: { loaded: string[] }) {
  const { data, error } = useQuery(pulledQuery)
  if (error !== null) {
    return (
      <div className="p-4">
        <Notice>{messageOf(error)}</Notice>
      </div>
    )
  }
  if (data === undefined) return <Skeleton />
  if (data.length === 0) return <Empty icon="cpu" title="Ollama has no model yet" />
  return (
    <ul className="divide-y">
      {data.map((model) => (
        <PulledRow key={model.name} model={model} loaded={loaded.includes(model.name)} />
      ))}
    </ul>
  )
}

function PulledRow({ model, loaded }: { model: OllamaModel; loaded: boolean }) {
  const remove = useDeletePulled(model.name)
  return (
    <Row
      name={model.name}
      badge={loaded ? <Badge tone="ok">In memory</Badge> : null}
      text={[model.family, model.parameter_size, model.quantization].filter(Boolean).join(' · ')}
      facts={
        model.size_bytes == null ? null : <span>{(model.size_bytes / GIGABYTE).toFixed(1)} GB</span>
      }
      error={remove.error}
      actions={
        <ConfirmButton
          label="Delete"
          question="Delete it?"
          busy={remove.isPending}
          onConfirm={() => remove.mutate(undefined)}
        />
      }
    >
      {null}
    </Row>
  )
}
