/** The streams of the mock backend: an answer in a chat and a task's way through the pipeline. */
import type { StreamEvent } from '@/api/types'
import { number, type Timed } from './sse'

const ANSWER = `Your workspace has **three files**:

| File | Words |
|---|---|
| notes.txt | 214 |
| plan.md | 530 |
| count.txt | 1 |

\`notes.txt\` was changed last. Shall I read it?`

export function answerTo(text: string, taskId: string, sessionId: string, first: number): Timed[] {
  const words = ANSWER.split(/(?<=\s)/).map((delta) => ({ after: 25, event: { delta } }))
  return number(
    [
      at(0, { type: 'meta', model: 'ollama/qwen3', session_id: sessionId, task_id: taskId }),
      at(250, {
        type: 'tool_call',
        id: 'call-1',
        name: 'list_dir',
        arguments: { path: '.', for: text },
      }),
      at(700, {
        type: 'tool_result',
        id: 'call-1',
        name: 'list_dir',
        ok: true,
        summary: 'notes.txt\nplan.md\ncount.txt',
      }),
      ...words,
      at(100, { type: 'usage', input_tokens: 812, output_tokens: 96, cost_usd: 0 }),
    ],
    first,
  )
}

const STAGES = ['context', 'task', 'guardrail', 'code_review'] as const

export function taskEvents(): Timed[] {
  return number([
    ...started(STAGES[0], 'context_running'),
    at(300, { delta: 'The goal needs one file, notes.txt, and writes one, count.txt. ' }),
    at(200, { delta: 'Nothing in memory bears on it.' }),
    ...ended(STAGES[0]),
    ...started(STAGES[1], 'task_running'),
    at(200, { type: 'tool_call', id: 't1', name: 'read_file', arguments: { path: 'notes.txt' } }),
    at(500, { type: 'tool_result', id: 't1', name: 'read_file', ok: true, summary: '214 words' }),
    at(300, {
      type: 'tool_call',
      id: 't2',
      name: 'write_file',
      arguments: { path: 'count.txt', content: '214\n' },
    }),
    at(400, {
      type: 'tool_result',
      id: 't2',
      name: 'write_file',
      ok: true,
      summary: '4 bytes written',
    }),
    at(300, { delta: 'notes.txt has **214 words**. I wrote the number to `count.txt`.' }),
    ...ended(STAGES[1]),
    ...started(STAGES[2], 'guardrail_running'),
    at(500, {
      type: 'verdict',
      stage: 'guardrail',
      verdict: 'pass',
      summary: 'Nothing was found.',
    }),
    ...ended(STAGES[2]),
    ...started(STAGES[3], 'review_running'),
    at(600, {
      type: 'verdict',
      stage: 'code_review',
      verdict: 'pass',
      summary: 'The count is right.',
    }),
    ...ended(STAGES[3]),
    at(100, { type: 'usage', input_tokens: 18_204, output_tokens: 2311, cost_usd: 0.0123 }),
    at(50, { type: 'status', status: 'complete' }),
  ])
}

function at(after: number, event: StreamEvent): Omit<Timed, 'id'> {
  return { after, event }
}

function started(stage: string, status: string) {
  return [
    at(150, { type: 'status', status, current_stage: stage }),
    at(20, { type: 'stage', stage, status: 'started', round: 1 }),
  ]
}

function ended(stage: string) {
  return [at(150, { type: 'stage', stage, status: 'completed', round: 1 })]
}
