import { useSuspenseQuery } from '@tanstack/react-query'
import {
  endpointsQuery,
  useDeleteEndpoint,
  useEnableEndpoint,
  useTestEndpoint,
} from '@/api/endpoints'
import type { Endpoint } from '@/api/types'
import { ConfirmButton } from '@/components/confirm-button'
import { More, Row } from '@/components/row'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Empty, Notice } from '@/ui/notice'

const PROTOCOLS: Record<Endpoint['protocol'], string> = {
  a2a: 'A2A',
  acp: 'ACP',
  generic: 'plain JSON',
}

export function EndpointList() {
  const { data } = useSuspenseQuery(endpointsQuery)
  if (data.endpoints.length === 0) {
    return (
      <Empty icon="agents" title="No external agents yet">
        Connect an agent that runs elsewhere, and Nova’s agents can give it work.
      </Empty>
    )
  }
  return (
    <>
      <ul className="divide-y">
        {data.endpoints.map((endpoint) => (
          <EndpointRow key={endpoint.id} endpoint={endpoint} />
        ))}
      </ul>
      <More shown={data.endpoints.length} total={data.total} />
    </>
  )
}

function EndpointRow({ endpoint }: { endpoint: Endpoint }) {
  const test = useTestEndpoint(endpoint.id)
  const enable = useEnableEndpoint(endpoint.id)
  const remove = useDeleteEndpoint(endpoint.id)
  return (
    <Row
      name={endpoint.name}
      badge={
        <Badge tone={endpoint.enabled ? 'ok' : 'neutral'}>{endpoint.enabled ? 'On' : 'Off'}</Badge>
      }
      text={endpoint.description || 'No description'}
      error={test.error ?? enable.error ?? remove.error}
      facts={
        <>
          <span>{PROTOCOLS[endpoint.protocol]}</span>
          <span className="[overflow-wrap:anywhere]">{endpoint.url}</span>
          <span>{endpoint.has_auth_token ? 'with a token' : 'without a token'}</span>
        </>
      }
      actions={
        <>
          <Button busy={test.isPending} onClick={() => test.mutate()}>
            Test
          </Button>
          <Button busy={enable.isPending} onClick={() => enable.mutate(!endpoint.enabled)}>
            {endpoint.enabled ? 'Turn off' : 'Turn on'}
          </Button>
          <ConfirmButton
            label="Delete"
            question="Delete it?"
            busy={remove.isPending}
            onConfirm={() => remove.mutate(undefined)}
          />
        </>
      }
    >
      {test.data !== undefined &&
        (test.data.ok ? (
          <p role="status" className="text-ok">
            It answers ({test.data.duration_ms} ms): {test.data.detail}
          </p>
        ) : (
          <Notice>{test.data.detail}</Notice>
        ))}
    </Row>
  )
}
