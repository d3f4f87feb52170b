import { useState } from 'react'
import { useCreateAgent } from '@/api/agents'
import { Boundary } from '@/components/boundary'
import { Page } from '@/components/page'
import { Button } from '@/ui/button'
import { Card, CardHeader } from '@/ui/card'
import { AgentForm } from './agent-form'
import { AgentList } from './agent-list'
import { EndpointForm } from './endpoint-form'
import { EndpointList } from './endpoint-list'

export function AgentsPage() {
  return (
    <Page title="Agents">
      <Agents />
      <Endpoints />
    </Page>
  )
}

function Agents() {
  const [making, setMaking] = useState(false)
  const create = useCreateAgent()
  return (
    <Card className="overflow-hidden">
      <CardHeader title="Agents">
        <Button aria-expanded={making} onClick={() => setMaking(!making)}>
          {making ? 'Close' : 'New agent'}
        </Button>
      </CardHeader>
      {making && (
        <div className="border-b p-4">
          <Boundary>
            <AgentForm
              label="New agent"
              action="Create agent"
              busy={create.isPending}
              error={create.error}
              onSend={(config) => create.mutate(config, { onSuccess: () => setMaking(false) })}
            />
          </Boundary>
        </div>
      )}
      <Boundary>
        <AgentList />
      </Boundary>
    </Card>
  )
}

function Endpoints() {
  const [making, setMaking] = useState(false)
  return (
    <Card className="overflow-hidden">
      <CardHeader title="External agents">
        <Button aria-expanded={making} onClick={() => setMaking(!making)}>
          {making ? 'Close' : 'Connect agent'}
        </Button>
      </CardHeader>
      {making && <EndpointForm onDone={() => setMaking(false)} />}
      <Boundary>
        <EndpointList />
      </Boundary>
    </Card>
  )
}
