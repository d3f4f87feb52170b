/** Makers of single things, whole unless told otherwise. */
import type {
  Agent,
  ApiKey,
  ChatMessage,
  ChatSession,
  Endpoint,
  PipelineTaskDetail,
  Pod,
  RecoveryStatus,
  Schedule,
  Stage,
  Webhook,
} from '@/api/types'

export const now = () => new Date().toISOString()
export const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()

let counter = 0
/** Ids that read well in a failing test. */
export function makeId(): string {
  counter += 1
  return `00000000-0000-7000-8000-${String(counter).padStart(12, '0')}`
}

const SERVICES = [
  'orchestrator',
  'worker',
  'chat-worker',
  'llm-gateway',
  'memory-service',
  'memory-worker',
  'chat-api',
  'recovery',
  'dashboard',
  'postgres',
  'redis',
]

export function status(states: Record<string, string> = {}): RecoveryStatus {
  const details = SERVICES.map((service) => ({ service, status: states[service] ?? 'up' }))
  const up = details.filter((one) => one.status === 'up').length
  return { services: { up, down: details.length - up, total: details.length, details } }
}

export function pod(name: string, given: Partial<Pod> = {}): Pod {
  return {
    id: makeId(),
    name,
    description: '',
    enabled: true,
    default_model: 'auto',
    max_cost_usd: null,
    max_execution_seconds: 300,
    max_concurrent_tasks: null,
    daily_budget_usd: null,
    require_human_review: 'on_escalation',
    escalation_threshold: 'high',
    routing_keywords: [],
    routing_regex: null,
    priority: 0,
    fallback_pod_id: null,
    sandbox: 'workspace',
    is_system_default: true,
    metadata: {},
    created_at: minutesAgo(9000),
    ...given,
  }
}

export function task(given: Partial<PipelineTaskDetail> = {}): PipelineTaskDetail {
  return {
    id: makeId(),
    status: 'complete',
    pod_id: null,
    pod_name: 'Quartet',
    user_input: 'Read notes.txt in the workspace, write its word count to count.txt',
    output: 'notes.txt has **214 words**. I wrote the number to `count.txt`.',
    error: null,
    current_stage: null,
    retry_count: 0,
    max_retries: 3,
    queued_at: minutesAgo(12),
    started_at: minutesAgo(12),
    completed_at: minutesAgo(11.6),
    total_cost_usd: 0.0123,
    total_input_tokens: 18_204,
    total_output_tokens: 2311,
    metadata: {},
    findings_count: 0,
    reviews_count: 0,
    artifacts_count: 0,
    ...given,
  }
}

export function stage(name: string, given: Partial<Stage> = {}): Stage {
  return {
    stage: name,
    role: name,
    round: 1,
    status: 'completed',
    model: 'ollama/qwen3',
    output: null,
    error: null,
    input_tokens: 3120,
    output_tokens: 412,
    cost_usd: 0.0031,
    started_at: minutesAgo(12),
    completed_at: minutesAgo(11.9),
    ...given,
  }
}

export function session(title: string, minutes: number): ChatSession {
  return {
    id: makeId(),
    agent_id: makeId(),
    title,
    created_at: minutesAgo(minutes + 5),
    last_active: minutesAgo(minutes),
    message_count: 2,
  }
}

export function message(role: 'user' | 'assistant', content: string): ChatMessage {
  return {
    id: makeId(),
    task_id: makeId(),
    role,
    content,
    tool_calls: [],
    created_at: minutesAgo(30),
    last_event_id: null,
  }
}

export function schedule(given: Partial<Schedule> = {}): Schedule {
  return {
    id: makeId(),
    name: 'Morning report',
    enabled: true,
    cron: '0 8 * * 1-5',
    at: null,
    timezone: 'Europe/Berlin',
    user_input: 'Summarise what has changed in the workspace since yesterday',
    pod_name: null,
    metadata: {},
    goal_id: null,
    misfire: 'once',
    overlap: 'start',
    next_run_at: minutesAgo(-90),
    last_run_at: minutesAgo(1350),
    last_error: null,
    created_at: minutesAgo(9000),
    ...given,
  }
}

export function webhook(given: Partial<Webhook> = {}): Webhook {
  const id = makeId()
  return {
    id,
    name: 'New issues',
    enabled: true,
    path: `/api/v1/hooks/${id}`,
    scheme: 'github',
    template: 'Triage this issue: {{payload.issue.title}}',
    pod_name: 'Quick Reply',
    metadata: {},
    goal_id: null,
    last_delivery_at: minutesAgo(30),
    last_error: null,
    secret_set_at: minutesAgo(9000),
    created_at: minutesAgo(9000),
    ...given,
  }
}

export function apiKey(given: Partial<ApiKey> = {}): ApiKey {
  return {
    id: makeId(),
    name: 'Laptop',
    key_prefix: 'sk-nova-x7Qd',
    scopes: ['chat', 'memory', 'models', 'tasks'],
    rate_limit_rpm: 60,
    rate_limit_tpm: null,
    allowed_models: null,
    budget_usd: null,
    max_concurrent_tasks: null,
    expires_at: null,
    created_at: minutesAgo(9000),
    last_used_at: minutesAgo(5),
    ...given,
  }
}

export function agent(config: Agent['config'], given: Partial<Agent> = {}): Agent {
  return {
    id: makeId(),
    config: { model: 'auto', system_prompt: '', tools: null, metadata: {}, ...config },
    status: 'idle',
    is_primary: false,
    created_at: minutesAgo(9000),
    last_active: null,
    ...given,
  }
}

export function endpoint(given: Partial<Endpoint> = {}): Endpoint {
  return {
    id: makeId(),
    name: 'Weather',
    description: 'Forecasts for a place and a day',
    url: 'http://192.168.1.7:9999',
    has_auth_token: true,
    protocol: 'a2a',
    input_schema: null,
    output_schema: null,
    enabled: true,
    created_at: minutesAgo(9000),
    updated_at: minutesAgo(9000),
    ...given,
  }
}
