/** Schedules and webhooks: made, switched, run and deleted. */
import type { CreateSchedule, CreateWebhook, Schedule, ScheduleRun, Webhook } from '@/api/types'
import { makeId, now, schedule, task, webhook } from './data'
import { type Handler, json, type MockContext, problem } from './state'

const SCHEDULES = '/api/v1/schedules'
const WEBHOOKS = '/api/v1/webhooks'

export class AutomationMock {
  private readonly runs = new Map<string, ScheduleRun[]>()
  private readonly backend: MockContext
  private secrets = 0

  constructor(backend: MockContext) {
    this.backend = backend
  }

  routes(): [string, Handler][] {
    return [
      [`GET ${SCHEDULES}`, () => list(this.backend.state.schedules)],
      [`POST ${SCHEDULES}`, ({ request }) => this.createSchedule(request)],
      [`PATCH ${SCHEDULES}/*`, this.forSchedule(changed)],
      [`DELETE ${SCHEDULES}/*`, this.forSchedule((found) => this.deleteSchedule(found))],
      [`POST ${SCHEDULES}/*/run`, this.forSchedule((found) => this.run(found))],
      [`GET ${SCHEDULES}/*/runs`, this.forSchedule((found) => list(this.runs.get(found.id) ?? []))],
      [`GET ${WEBHOOKS}`, () => list(this.backend.state.webhooks)],
      [`POST ${WEBHOOKS}`, ({ request }) => this.createWebhook(request)],
      [`PATCH ${WEBHOOKS}/*`, this.forWebhook(changed)],
      [`DELETE ${WEBHOOKS}/*`, this.forWebhook((found) => this.deleteWebhook(found))],
      [`POST ${WEBHOOKS}/*/rotate`, this.forWebhook((found) => this.withSecret(found, 200))],
      [`GET ${WEBHOOKS}/*/deliveries`, this.forWebhook(() => list([]))],
    ]
  }

  private forSchedule(
    handle: (found: Schedule, request: Request) => Response | Promise<Response>,
  ): Handler {
    return ({ request, ids }) => {
      const found = this.backend.state.schedules.find(({ id }) => id === ids[0])
      return found === undefined
        ? problem(404, 'unknown_schedule', `There is no schedule ${ids[0]}.`)
        : handle(found, request)
    }
  }

  private forWebhook(
    handle: (found: Webhook, request: Request) => Response | Promise<Response>,
  ): Handler {
    return ({ request, ids }) => {
      const found = this.backend.state.webhooks.find(({ id }) => id === ids[0])
      return found === undefined
        ? problem(404, 'unknown_webhook', `There is no webhook ${ids[0]}.`)
        : handle(found, request)
    }
  }

  private async createSchedule(request: Request): Promise<Response> {
    const body = (await request.json()) as CreateSchedule
    if (body.cron != null && !body.cron.startsWith('@') && body.cron.split(' ').length !== 5) {
      return problem(422, 'bad_timing', 'cron: five fields are needed.')
    }
    const made = schedule({ ...body, at: body.at ?? null, cron: body.cron ?? null })
    this.backend.state.schedules.unshift(made)
    return json(made, 201)
  }

  private deleteSchedule(found: Schedule): Response {
    const { state } = this.backend
    state.schedules = state.schedules.filter((one) => one !== found)
    return new Response(null, { status: 204 })
  }

  private run(found: Schedule): Response {
    const made = task({ status: 'queued', user_input: found.user_input })
    this.backend.state.tasks.unshift(made)
    const run: ScheduleRun = {
      id: makeId(),
      slot: now(),
      kind: 'manual',
      status: 'submitted',
      task_id: made.id,
      task_status: made.status,
      error: null,
      created_at: now(),
    }
    this.runs.set(found.id, [run, ...(this.runs.get(found.id) ?? [])])
    found.last_run_at = now()
    return json(run, 202)
  }

  private async createWebhook(request: Request): Promise<Response> {
    const body = (await request.json()) as CreateWebhook
    const made = webhook(body)
    this.backend.state.webhooks.unshift(made)
    return this.withSecret(made, 201)
  }

  private deleteWebhook(found: Webhook): Response {
    const { state } = this.backend
    state.webhooks = state.webhooks.filter((one) => one !== found)
    return new Response(null, { status: 204 })
  }

  private withSecret(found: Webhook, code: number): Response {
    this.secrets += 1
    return json({ ...found, secret: `whsec_of-the-mock-${this.secrets}` }, code)
  }
}

function list(items: unknown[]): Response {
  return json(items, 200, { 'X-Total-Count': String(items.length) })
}

async function changed(found: Schedule | Webhook, request: Request): Promise<Response> {
  Object.assign(found, await request.json())
  return json(found)
}
