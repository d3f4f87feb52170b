/** One mock of all services: what the pages ask for, with a memory, and nothing that they don't. */
import { AgentMock } from './agents'
import { AutomationMock } from './automations'
import { ChatMock } from './chat'
import {
  agent,
  apiKey,
  endpoint,
  message,
  minutesAgo,
  now,
  pod,
  schedule,
  session,
  status,
  webhook,
} from './data'
import { exampleTasks } from './examples'
import { KeyMock } from './keys'
import { modelState } from './model-data'
import { ModelMock } from './models'
import { PolicyMock, rule, skill } from './policy'
import { type Handler, json, type MockContext, type MockState, problem } from './state'
import { TaskMock } from './tasks'

export const ADMIN_SECRET = 'open sesame'
export const LOGIN_TOKEN = 'one-time'

export class MockBackend implements MockContext {
  readonly state: MockState
  /** Every request as "METHOD /path", for tests that ask what was sent. */
  readonly log: string[] = []
  /** How fast streams go: 1 as in life, 0 at once. */
  readonly pace: number
  readonly chat: ChatMock
  readonly tasks: TaskMock
  readonly automations: AutomationMock
  private readonly routes: [string, Handler][]
  csrf = 'csrf-of-the-mock'
  private linkUsed = false

  constructor({ pace = 0, loggedIn = false }: { pace?: number; loggedIn?: boolean } = {}) {
    this.pace = pace
    const first = session('Word counts', 4)
    this.state = {
      status: status(),
      orchestratorUp: true,
      loggedIn,
      pods: [pod('Quartet'), pod('Quick Reply'), pod('Research', { enabled: false })],
      tasks: exampleTasks(),
      agents: [
        agent({ name: 'Researcher', system_prompt: 'You look things up.', tools: ['recall'] }),
        agent(
          { name: 'Nova', system_prompt: 'You are a personal assistant.' },
          { is_primary: true, status: 'running', last_active: minutesAgo(1) },
        ),
      ],
      endpoints: [endpoint()],
      schedules: [schedule()],
      webhooks: [webhook()],
      keys: [apiKey()],
      rules: [
        rule({ name: 'no-rm-rf', is_system: true, pattern: null, detector: 'recursive_deletion' }),
      ],
      skills: [skill()],
      gateway: modelState(),
      sessions: [first, session('Plan for the garden', 180)],
      messages: new Map([
        [
          first.id,
          [
            message('user', 'How many words has notes.txt?'),
            message('assistant', 'It has **214 words**.'),
          ],
        ],
      ]),
    }
    this.chat = new ChatMock(this)
    this.tasks = new TaskMock(this)
    this.automations = new AutomationMock(this)
    const agents = new AgentMock(this)
    const parts = [
      this.chat,
      this.tasks,
      this.automations,
      agents,
      new PolicyMock(this),
      new ModelMock(this),
      new KeyMock(this),
    ]
    this.routes = [...this.ownRoutes(), ...parts.flatMap((part) => part.routes())]
  }

  async handle(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url)
    this.log.push(`${request.method} ${pathname}`)
    if (pathname.startsWith('/recovery-api/')) return this.recovery()
    if (!this.state.orchestratorUp) {
      return problem(503, 'service_unavailable', 'orchestrator is not reachable.')
    }
    const refused = this.refuse(request, pathname)
    if (refused !== null) return refused
    for (const [pattern, handler] of this.routes) {
      const ids = matchRoute(pattern, `${request.method} ${pathname}`)
      if (ids !== null) return await handler({ request, ids })
    }
    return problem(404, 'not_found', `The mock has no ${request.method} ${pathname}.`)
  }

  private refuse(request: Request, pathname: string): Response | null {
    const open = pathname === '/api/v1/session' || pathname === '/api/v1/identity'
    if (!open && !this.state.loggedIn) return problem(401, 'credential_missing', 'Log in first.')
    const writes = request.method !== 'GET' && !(open && request.method === 'POST')
    if (writes && request.headers.get('X-CSRF-Token') !== this.csrf) {
      return problem(403, 'csrf_token_wrong', "Send the session's X-CSRF-Token.")
    }
    return null
  }

  private recovery(): Response {
    return this.state.status === null
      ? problem(503, 'service_unavailable', 'recovery is not reachable.')
      : json(this.state.status)
  }

  private ownRoutes(): [string, Handler][] {
    return [
      [
        'GET /api/v1/identity',
        () => json({ name: 'Nova', greeting: 'Hello, I am Nova. What shall we do?' }),
      ],
      ['GET /api/v1/pods', () => json(this.state.pods)],
      ['PATCH /api/v1/pods/*', (given) => changedOne(this.state.pods, given)],
      [
        'GET /api/v1/session',
        () =>
          this.state.loggedIn ? this.session() : problem(401, 'no_session', 'There is no session.'),
      ],
      ['POST /api/v1/session', ({ request }) => this.logIn(request)],
      [
        'DELETE /api/v1/session',
        () => {
          this.state.loggedIn = false
          return new Response(null, { status: 204 })
        },
      ],
    ]
  }

  private async logIn(request: Request): Promise<Response> {
    const body = (await request.json()) as { admin_secret?: string; login_token?: string }
    const byLink = body.login_token === LOGIN_TOKEN && !this.linkUsed
    if (byLink) this.linkUsed = true
    if (!byLink && body.admin_secret !== ADMIN_SECRET) {
      return body.login_token === undefined
        ? problem(401, 'invalid_admin_secret', 'The admin secret is wrong.')
        : problem(401, 'invalid_login_token', 'The link was used already.')
    }
    this.state.loggedIn = true
    return this.session()
  }

  private session(): Response {
    return json({ csrf_token: this.csrf, expires_at: now(), subject: 'admin' })
  }
}

async function changedOne(
  all: { id: string }[],
  { request, ids }: { request: Request; ids: string[] },
): Promise<Response> {
  const found = all.find(({ id }) => id === ids[0])
  if (found === undefined) return problem(404, 'unknown', `There is no ${ids[0]}.`)
  const patch = (await request.json()) as Record<string, number | null>
  const wrong = Object.entries(patch).find(([, value]) => value !== null && value > 1_000_000)
  if (wrong !== undefined) return problem(422, 'validation_failed', `${wrong[0]}: too much.`)
  Object.assign(found, patch)
  return json(found)
}

/** The parts that `*` stands for, or null if the route is another one. */
function matchRoute(pattern: string, route: string): string[] | null {
  const wanted = pattern.split('/')
  const given = route.split('/')
  if (wanted.length !== given.length) return null
  const ids: string[] = []
  for (const [index, part] of wanted.entries()) {
    if (part === '*') ids.push(given[index] ?? '')
    else if (part !== given[index]) return null
  }
  return ids
}
