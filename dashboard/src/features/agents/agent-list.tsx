import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { agentsQuery, useConfigureAgent, useDeleteAgent } from '@/api/agents'
import type { Agent } from '@/api/types'
import { Boundary } from '@/components/boundary'
import { More, Row } from '@/components/row'
import { DeleteButton, EditButton } from '@/components/row-actions'
import { Ago } from '@/components/times'
import { Badge, Dot, type Tone } from '@/ui/badge'
import { AgentForm } from './agent-form'

const STATES: Record<Agent['status'], [Tone, string]> = {
  idle: ['neutral', 'Idle'],
  running: ['busy', 'Running'],
  paused: ['warn', 'Paused'],
  stopped: ['warn', 'Stopped'],
  error: ['bad', 'Error'],
}

export function AgentList() {
  const { data } = useSuspenseQuery(agentsQuery)
  return (
    <>
      <ul className="divide-y">
        {data.agents.map((agent) => (
          <AgentRow key={agent.id} agent={agent} />
        ))}
      </ul>
      <More shown={data.agents.length} total={data.total} />
    </>
  )
}

function AgentRow({ agent }: { agent: Agent }) {
  const [editing, setEditing] = useState(false)
  const configure = useConfigureAgent(agent.id)
  const remove = useDeleteAgent(agent.id)
  const { config } = agent
  const [tone, state] = STATES[agent.status]
  return (
    <Row
      name={config.name ?? 'Agent'}
      badge={
        <>
          <Badge tone={tone}>
            <Dot tone={tone} pulse={tone === 'busy'} />
            {state}
          </Badge>
          {agent.is_primary && <Badge tone="neutral">Primary</Badge>}
        </>
      }
      text={config.system_prompt || 'No system prompt'}
      error={remove.error}
      facts={
        <>
          <span>{config.model === 'auto' ? 'model chosen by Nova' : config.model}</span>
          <span>{toolsText(config.tools)}</span>
          {'created_by' in (config.metadata ?? {}) && <span>made by an agent</span>}
          {agent.last_active === null ? (
            <span>never used</span>
          ) : (
            <span>
              active <Ago at={agent.last_active} />
            </span>
          )}
        </>
      }
      actions={
        <>
          <EditButton open={editing} onToggle={() => setEditing(!editing)} />
          <DeleteButton
            removal={remove}
            reason={agent.is_primary ? 'Chats are with the primary agent; it stays' : null}
          />
        </>
      }
    >
      {editing && (
        <Boundary>
          <AgentForm
            label={`Edit ${config.name}`}
            action="Save"
            config={config}
            busy={configure.isPending}
            error={configure.error}
            onSend={(choice) => configure.mutate(choice, { onSuccess: () => setEditing(false) })}
          />
        </Boundary>
      )}
    </Row>
  )
}

function toolsText(tools: string[] | null | undefined): string {
  if (tools == null) return 'all tools'
  if (tools.length === 0) return 'no tools'
  return tools.length === 1 ? '1 tool' : `${tools.length} tools`
}
