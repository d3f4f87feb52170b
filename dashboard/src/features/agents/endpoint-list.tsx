import { useSuspenseQuery } from '@tanstack/react-query'
import {
  endpointsQuery,
  useDeleteEndpoint,
  useEnableEndpoint,
  useTestEndpoint,
} from '@/api/endpoints'
import type { Endpoint } from '@/api/types'
import { Listing } from '@/components/listing'
import { Row } from '@/components/row'
import { DeleteButton, StateBadges, SwitchButton } from '@/components/row-actions'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/notice'

const PROTOCOLS: Record<Endpoint['protocol'], string> = {
  a2a: 'A2A',
  acp: 'ACP',
  generic: 'plain JSON',
}

export function EndpointList() {
  const { data } = useSuspenseQuery(endpointsQuery)
  return (
    <Listing
      items={data.endpoints}
      total={data.total}
      empty={{
        icon: 'agents',
        title: 'No external agents yet',
        text: 'Connect an agent that runs elsewhere, and Nova’s agents can give it work.',
      }}
    >
      {(endpoint) => <EndpointRow key={endpoint.id} endpoint={endpoint} />}
    </Listing>
  )
}

function EndpointRow({ endpoint }: { endpoint: Endpoint }) {
  const test = useTestEndpoint(endpoint.id)
  const enable = useEnableEndpoint(endpoint.id)
  const remove = useDeleteEndpoint(endpoint.id)
  return (
    <Row
      name={endpoint.name}
      badge={<StateBadges enabled={endpoint.enabled} />}
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
          <SwitchButton
            enabled={endpoint.enabled}
            busy={enable.isPending}
            onSwitch={enable.mutate}
          />
          <DeleteButton removal={remove} />
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
