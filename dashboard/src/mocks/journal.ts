/** A task's steps, its replay and its forks. */
import type { Forked, ForkRequest, PipelineTask, ReplayAnswer, Step } from '@/api/types'
import { minutesAgo, now, task } from './data'
import { type Handler, json, type MockContext, problem } from './state'

const PATH = '/api/v1/pipeline/tasks'

type ForTask = (
  handle: (found: PipelineTask, request: Request) => Response | Promise<Response>,
) => Handler

export class JournalMock {
  private readonly backend: MockContext

  constructor(backend: MockContext) {
    this.backend = backend
  }

  routes(forTask: ForTask): [string, Handler][] {
    return [
      [`GET ${PATH}/*/steps`, forTask(() => this.list())],
      [`POST ${PATH}/*/replay`, forTask((found) => this.replay(found))],
      [`POST ${PATH}/*/fork`, forTask((found, request) => this.fork(found, request))],
    ]
  }

  private list(): Response {
    const steps = exampleSteps()
    return json(steps, 200, { 'X-Total-Count': String(steps.length) })
  }

  private replay(found: PipelineTask): Response {
    const tampered = found.status === 'failed'
    const answer: ReplayAnswer = {
      identical: !tampered,
      status: found.status,
      output: found.output,
      error: found.error,
      differences: tampered
        ? [
            {
              stage: 'task',
              step: 3,
              kind: 'model',
              name: 'auto',
              expected_digest: 'a',
              actual_digest: 'b',
              what: 'The request is not the one in the journal.',
            },
          ]
        : [],
      steps_replayed: 3,
      steps_journalled: 3,
    }
    return json(answer)
  }

  private async fork(found: PipelineTask, request: Request): Promise<Response> {
    const { from_step, changes } = (await request.json()) as ForkRequest
    if (changes?.model === 'nobody') return problem(404, 'unknown_model', 'There is no such model.')
    const made = task({
      status: 'queued',
      user_input: changes?.user_input ?? found.user_input,
      output: null,
      queued_at: now(),
      started_at: null,
      completed_at: null,
      forked_from: found.id,
      forked_step: from_step,
    })
    this.backend.state.tasks.unshift(made)
    const answer: Forked = {
      task_id: made.id,
      status: 'queued',
      pod_name: made.pod_name ?? '',
      queued_at: made.queued_at,
      forked_from: found.id,
      forked_step: from_step,
    }
    return json(answer, 202)
  }
}

function exampleSteps(): Step[] {
  return [
    step(1, { stage: 'recall', kind: 'memory', name: 'search' }),
    step(2, {
      kind: 'tool',
      name: 'read_file',
      request: { id: 'c', name: 'read_file', arguments: { path: 'notes.txt' } },
      result: { ok: true, text: '214 words of notes', summary: '214 words' },
    }),
    step(3, { input_tokens: 120, output_tokens: 30, cost_usd: 0.01 }),
  ]
}

function step(number: number, given: Partial<Step>): Step {
  return {
    step: number,
    stage: 'task',
    kind: 'model',
    name: 'auto',
    status: 'done',
    attempt: 1,
    request: { messages: [{ role: 'user', content: 'Count the words' }] },
    result: { content: '214 words' },
    input_tokens: 0,
    output_tokens: 0,
    cost_usd: null,
    started_at: minutesAgo(2),
    ended_at: minutesAgo(1),
    ...given,
  }
}
