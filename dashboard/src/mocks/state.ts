/** What the parts of the mock backend share. */
import type {
  Agent,
  ApiKey,
  ChatMessage,
  ChatSession,
  Endpoint,
  PipelineTask,
  Pod,
  RecoveryStatus,
  Rule,
  Schedule,
  Skill,
  Webhook,
} from '@/api/types'

import type { ModelState } from './model-data'

export type Handler = (given: { request: Request; ids: string[] }) => Response | Promise<Response>

export interface MockState {
  status: RecoveryStatus | null
  orchestratorUp: boolean
  loggedIn: boolean
  pods: Pod[]
  tasks: PipelineTask[]
  agents: Agent[]
  endpoints: Endpoint[]
  schedules: Schedule[]
  webhooks: Webhook[]
  keys: ApiKey[]
  rules: Rule[]
  skills: Skill[]
  sessions: ChatSession[]
  messages: Map<string, ChatMessage[]>
  gateway: ModelState
}

export interface MockContext {
  readonly state: MockState
  /** How fast streams go: 1 as in life, 0 at once. */
  readonly pace: number
}

export function json(body: unknown, code = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status: code,
    headers: { 'Content-Type': 'application/json', ...headers },
  })
}

export function problem(code: number, name: string, detail: string): Response {
  return json({ detail, code: name, request_id: 'mock-request' }, code)
}
