/** Agents and external agents: made, changed, tested and deleted. */
import type { Agent, CreateEndpoint, Endpoint } from '@/api/types'
import { agent, endpoint } from './data'
import { type Handler, json, type MockContext, problem } from './state'

const AGENTS = '/api/v1/agents'
const ENDPOINTS = '/api/v1/agent-endpoints'
const TOOLS = ['list_agents', 'read_file', 'run_shell', 'send_message_to_agent']

export class AgentMock {
  private readonly backend: MockContext

  constructor(backend: MockContext) {
    this.backend = backend
  }

  routes(): [string, Handler][] {
    return [
      [`GET ${AGENTS}`, () => list(this.backend.state.agents)],
      [`POST ${AGENTS}`, ({ request }) => this.createAgent(request)],
      [`PATCH ${AGENTS}/*/config`, this.forAgent(configured)],
      [`DELETE ${AGENTS}/*`, this.forAgent((found) => this.deleteAgent(found))],
      ['GET /api/v1/tools', () => json([tools()])],
      [`GET ${ENDPOINTS}`, () => list(this.backend.state.endpoints)],
      [`POST ${ENDPOINTS}`, ({ request }) => this.createEndpoint(request)],
      [`PATCH ${ENDPOINTS}/*`, this.forEndpoint(changed)],
      [`DELETE ${ENDPOINTS}/*`, this.forEndpoint((found) => this.deleteEndpoint(found))],
      [`POST ${ENDPOINTS}/*/test`, this.forEndpoint(tested)],
    ]
  }

  private forAgent(handle: (found: Agent, request: Request) => Response | Promise<Response>) {
    const handler: Handler = ({ request, ids }) => {
      const found = this.backend.state.agents.find(({ id }) => id === ids[0])
      return found === undefined
        ? problem(404, 'unknown_agent', `There is no agent ${ids[0]}.`)
        : handle(found, request)
    }
    return handler
  }

  private forEndpoint(handle: (found: Endpoint, request: Request) => Response | Promise<Response>) {
    const handler: Handler = ({ request, ids }) => {
      const found = this.backend.state.endpoints.find(({ id }) => id === ids[0])
      return found === undefined
        ? problem(404, 'unknown_endpoint', `There is no agent endpoint ${ids[0]}.`)
        : handle(found, request)
    }
    return handler
  }

  private async createAgent(request: Request): Promise<Response> {
    const { config } = (await request.json()) as { config: Agent['config'] }
    const made = agent(config)
    this.backend.state.agents.unshift(made)
    return json(made, 201)
  }

  private deleteAgent(found: Agent): Response {
    if (found.status === 'running') {
      return problem(409, 'agent_in_use', '1 tasks of the agent have not ended; cancel them.')
    }
    const { state } = this.backend
    state.agents = state.agents.filter((one) => one !== found)
    return new Response(null, { status: 204 })
  }

  private async createEndpoint(request: Request): Promise<Response> {
    const { auth_token, ...given } = (await request.json()) as CreateEndpoint
    const { state } = this.backend
    if (state.endpoints.some((one) => one.name === given.name)) {
      return problem(409, 'name_taken', `There is an endpoint called '${given.name}' already.`)
    }
    const made = endpoint({ ...given, has_auth_token: auth_token != null })
    state.endpoints.unshift(made)
    return json(made, 201)
  }

  private deleteEndpoint(found: Endpoint): Response {
    const { state } = this.backend
    state.endpoints = state.endpoints.filter((one) => one !== found)
    return new Response(null, { status: 204 })
  }
}

function list(items: unknown[]): Response {
  return json(items, 200, { 'X-Total-Count': String(items.length) })
}

async function configured(found: Agent, request: Request): Promise<Response> {
  Object.assign(found.config, await request.json())
  return json(found)
}

async function changed(found: Endpoint, request: Request): Promise<Response> {
  Object.assign(found, await request.json())
  return json(found)
}

function tested(found: Endpoint): Response {
  const works = found.has_auth_token
  const detail = works
    ? `${found.name}, A2A 1.0: Does as it is told.`
    : `${found.name} refuses the credential (401).`
  return json({ ok: works, detail, duration_ms: 12 })
}

function tools() {
  const described = TOOLS.map((name) => ({ name, description: `Does ${name}`, available: true }))
  return { category: 'all', source: 'builtin', tools: described }
}
