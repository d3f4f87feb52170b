/** Chat: sessions with messages, and turns that go on whether somebody reads them or not. */
import type { ChatMessage, StreamEvent } from '@/api/types'
import { makeId, message, now, session } from './data'
import { answerTo } from './scripts'
import { sseResponse, type Timed } from './sse'
import { type Handler, json, type MockContext, problem } from './state'

interface MockTurn {
  sessionId: string
  events: Timed[]
  running: boolean
}

export class ChatMock {
  readonly turns = new Map<string, MockTurn>()
  /** Replaces the usual answer in a test. */
  script: ((taskId: string, sessionId: string) => Timed[]) | null = null
  /** Cuts the first connection of the next turn after the event with this id. */
  cutAfter: number | undefined
  private readonly backend: MockContext

  constructor(backend: MockContext) {
    this.backend = backend
  }

  routes(): [string, Handler][] {
    return [
      ['GET /api/v1/chat/sessions', () => json(this.backend.state.sessions)],
      ['GET /api/v1/chat/sessions/*', ({ ids }) => this.detail(ids[0] ?? '')],
      ['DELETE /api/v1/chat/sessions/*', ({ ids }) => this.remove(ids[0] ?? '')],
      ['POST /api/v1/chat/stream', ({ request }) => this.open(request)],
      ['GET /api/v1/tasks/*/events', ({ request, ids }) => this.resume(request, ids[0] ?? '')],
      ['POST /api/v1/tasks/*/cancel', ({ ids }) => this.cancel(ids[0] ?? '')],
    ]
  }

  private detail(id: string): Response {
    const found = this.backend.state.sessions.find((one) => one.id === id)
    if (found === undefined) return problem(404, 'unknown_session', `There is no session ${id}.`)
    const running = [...this.turns].find(([, turn]) => turn.sessionId === id && turn.running)
    return json({
      ...found,
      messages: this.messages(id),
      running_task_id: running?.[0] ?? null,
      last_event_id: 0,
    })
  }

  private remove(id: string): Response {
    const { state } = this.backend
    state.sessions = state.sessions.filter((one) => one.id !== id)
    return new Response(null, { status: 204 })
  }

  private async open(request: Request): Promise<Response> {
    const body = (await request.json()) as { session_id?: string; messages: { content: string }[] }
    const text = body.messages.at(-1)?.content ?? ''
    const { state, pace } = this.backend
    let sessionId = body.session_id
    if (sessionId === undefined) {
      const made = { ...session(text.slice(0, 60), 0), last_active: now() }
      state.sessions.unshift(made)
      sessionId = made.id
    }
    const taskId = makeId()
    this.messages(sessionId).push({ ...message('user', text), task_id: taskId })
    const events = this.script?.(taskId, sessionId) ?? answerTo(text, taskId, sessionId, 1)
    this.turns.set(taskId, { sessionId, events, running: true })
    const cutAfter = this.cutAfter
    this.cutAfter = undefined
    return sseResponse(events, {
      pace,
      cutAfter,
      headers: { 'X-Session-Id': sessionId, 'X-Task-Id': taskId },
      onEvent: (event) => this.note(taskId, event),
    })
  }

  private resume(request: Request, taskId: string): Response {
    const turn = this.turns.get(taskId)
    if (turn === undefined) return problem(404, 'unknown_task', `There is no task ${taskId}.`)
    const after = Number(request.headers.get('Last-Event-ID') ?? 0)
    const rest = turn.events.filter(({ id }) => id > after)
    return sseResponse(turn.running ? rest : rest.map((one) => ({ ...one, after: 0 })), {
      pace: this.backend.pace,
      onEvent: (event) => this.note(taskId, event),
    })
  }

  private cancel(taskId: string): Response {
    const turn = this.turns.get(taskId)
    if (!turn?.running) return problem(409, 'wrong_state', 'The task has ended.')
    this.finish(taskId)
    return json({ task_id: taskId, status: 'cancelled' })
  }

  /** The last event of a turn stores its answer, as the worker does. */
  private note(taskId: string, event: StreamEvent): void {
    if ('type' in event && (event.type === 'usage' || event.type === 'error')) this.finish(taskId)
  }

  private finish(taskId: string): void {
    const turn = this.turns.get(taskId)
    if (!turn?.running) return
    turn.running = false
    const text = turn.events.map(({ event }) => ('delta' in event ? event.delta : '')).join('')
    this.messages(turn.sessionId).push({
      ...message('assistant', text),
      task_id: taskId,
      tool_calls: storedCalls(turn.events),
    })
  }

  private messages(sessionId: string): ChatMessage[] {
    const known = this.backend.state.messages.get(sessionId)
    if (known !== undefined) return known
    const made: ChatMessage[] = []
    this.backend.state.messages.set(sessionId, made)
    return made
  }
}

/** As the worker stores them: each call with its outcome in short. */
function storedCalls(events: readonly Timed[]): Record<string, unknown>[] {
  const typed = events.flatMap(({ event }) => ('type' in event ? [event] : []))
  return typed.flatMap((call) => {
    if (call.type !== 'tool_call') return []
    const { id, name, arguments: given } = call
    const result = typed.find((one) => one.type === 'tool_result' && one.id === id)
    const outcome = result?.type === 'tool_result' ? { ok: result.ok, summary: result.summary } : {}
    return [{ id, name, arguments: given, ...outcome }]
  })
}
