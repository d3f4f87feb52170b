/** Pipeline tasks: a submitted one runs while its events are read. */
import type { PipelineTask, Stage, StreamEvent, TaskStatus } from '@/api/types'
import { now, stage, task } from './data'
import { exampleArtifacts, exampleFindings, exampleReviews } from './examples'
import { JournalMock } from './journal'
import { taskEvents } from './scripts'
import { sseResponse, type Timed } from './sse'
import { type Handler, json, type MockContext, problem } from './state'

const PATH = '/api/v1/pipeline/tasks'
const ENDED = new Set<TaskStatus>(['complete', 'failed', 'cancelled'])

export class TaskMock {
  /** Replaces the usual events in a test. */
  events: (() => Timed[]) | null = null
  private readonly stages = new Map<string, Stage[]>()
  private readonly backend: MockContext

  constructor(backend: MockContext) {
    this.backend = backend
  }

  routes(): [string, Handler][] {
    return [
      [`GET ${PATH}`, ({ request }) => this.list(request)],
      [`POST ${PATH}`, ({ request }) => this.submit(request)],
      [`GET ${PATH}/*`, this.forTask((found) => json(found))],
      [`GET ${PATH}/*/stages`, this.forTask((found) => json(this.stagesOf(found)))],
      [
        `GET ${PATH}/*/findings`,
        this.forTask((found) => json(counted(found, 'findings_count', exampleFindings()))),
      ],
      [
        `GET ${PATH}/*/reviews`,
        this.forTask((found) => json(counted(found, 'reviews_count', exampleReviews()))),
      ],
      [
        `GET ${PATH}/*/artifacts`,
        this.forTask((found) => json(counted(found, 'artifacts_count', exampleArtifacts()))),
      ],
      [`GET ${PATH}/*/events`, this.forTask((found, request) => this.stream(found, request))],
      ...new JournalMock(this.backend).routes((handle) => this.forTask(handle)),
      [`POST ${PATH}/*/cancel`, this.forTask((found) => this.cancel(found))],
      [`POST ${PATH}/*/review`, this.forTask((found, request) => this.review(found, request))],
      [`POST ${PATH}/*/clarify`, this.forTask((found) => this.goOn(found))],
      ['GET /api/v1/pipeline/queue-stats', () => this.stats()],
    ]
  }

  private forTask(
    handle: (found: PipelineTask, request: Request) => Response | Promise<Response>,
  ): Handler {
    return ({ request, ids }) => {
      const found = this.backend.state.tasks.find((one) => one.id === ids[0])
      return found === undefined
        ? problem(404, 'unknown_task', `There is no task ${ids[0]}.`)
        : handle(found, request)
    }
  }

  private list(request: Request): Response {
    const wanted = new URL(request.url).searchParams.get('status')
    const tasks = this.backend.state.tasks.filter(({ status }) =>
      wanted === 'running' ? status.endsWith('_running') : wanted === null || status === wanted,
    )
    return json(tasks, 200, { 'X-Total-Count': String(tasks.length) })
  }

  private async submit(request: Request): Promise<Response> {
    const body = (await request.json()) as { user_input: string; pod_name?: string }
    const made = task({
      status: 'queued',
      user_input: body.user_input,
      pod_name: body.pod_name ?? 'Quartet',
      output: null,
      queued_at: now(),
      started_at: null,
      completed_at: null,
      total_cost_usd: 0,
      total_input_tokens: 0,
      total_output_tokens: 0,
    })
    this.backend.state.tasks.unshift(made)
    this.stages.set(made.id, [])
    return json(
      { task_id: made.id, status: 'queued', pod_name: made.pod_name, queued_at: made.queued_at },
      202,
    )
  }

  private stream(found: PipelineTask, request: Request): Response {
    const after = Number(request.headers.get('Last-Event-ID') ?? 0)
    const events = (this.events?.() ?? taskEvents()).filter(({ id }) => id > after)
    const over = ENDED.has(found.status) || found.pending != null
    return sseResponse(over ? events.map((one) => ({ ...one, after: 0 })) : events, {
      pace: this.backend.pace,
      signal: request.signal,
      onEvent: (event) => {
        if (!over) this.apply(found, event)
      },
    })
  }

  private apply(found: PipelineTask, event: StreamEvent): void {
    if (!('type' in event)) return
    if (event.type === 'status') {
      found.status = event.status as TaskStatus
      found.current_stage = event.current_stage ?? null
      found.started_at ??= now()
      if (ENDED.has(found.status))
        Object.assign(found, { completed_at: now(), output: task().output })
    }
    if (event.type === 'stage') this.applyStage(found, event)
    if (event.type === 'usage') {
      found.total_input_tokens = event.input_tokens
      found.total_output_tokens = event.output_tokens
      found.total_cost_usd = event.cost_usd ?? 0
    }
  }

  private applyStage(found: PipelineTask, event: Extract<StreamEvent, { type: 'stage' }>): void {
    const stages = this.stagesOf(found)
    if (event.status === 'started') {
      stages.push(stage(event.stage, { status: 'running', started_at: now(), completed_at: null }))
    } else {
      const last = stages.at(-1)
      if (last !== undefined) Object.assign(last, { status: event.status, completed_at: now() })
    }
  }

  private stagesOf(found: PipelineTask): Stage[] {
    const known = this.stages.get(found.id)
    if (known !== undefined) return known
    const made =
      found.status === 'task_running'
        ? []
        : ['context', 'task', 'guardrail', 'code_review'].map((name) => stage(name))
    this.stages.set(found.id, made)
    return made
  }

  private cancel(found: PipelineTask): Response {
    if (ENDED.has(found.status)) return problem(409, 'wrong_state', 'The task has ended.')
    Object.assign(found, { status: 'cancelled', completed_at: now(), pending: null })
    return json({ task_id: found.id, status: 'cancelled' })
  }

  private async review(found: PipelineTask, request: Request): Promise<Response> {
    const { decision } = (await request.json()) as { decision: string }
    if (decision === 'approve') return this.goOn(found)
    Object.assign(found, { status: 'failed', error: 'Rejected in review.', pending: null })
    return json(found)
  }

  private goOn(found: PipelineTask): Response {
    Object.assign(found, { status: 'completing', pending: null })
    return json(found)
  }

  private stats(): Response {
    const { tasks } = this.backend.state
    return json({
      queue_depth: tasks.filter(({ status }) => status === 'queued').length,
      dead_letter_depth: 0,
      running: tasks.filter(({ status }) => status.endsWith('_running')).length,
      waiting: tasks.filter(({ pending }) => pending != null).length,
    })
  }
}

function counted<Item>(found: PipelineTask, field: string, items: Item[]): Item[] {
  const count = (found as unknown as Record<string, number>)[field] ?? 0
  return items.slice(0, count)
}
