/** What the mock backend begins with: a little of everything that the pages can show. */
import type { Artifact, CodeReview, Finding, PipelineTask } from '@/api/types'
import { makeId, minutesAgo, task } from './data'

const WAITING = minutesAgo(3)

export function exampleTasks(): PipelineTask[] {
  return [
    task({
      status: 'task_running',
      current_stage: 'task',
      output: null,
      user_input: 'Compare the three backup strategies in docs/ and write a recommendation',
      queued_at: minutesAgo(1),
      started_at: minutesAgo(0.9),
      completed_at: null,
    }),
    task({
      status: 'pending_human_review',
      current_stage: 'decision',
      output: null,
      user_input: 'Rotate the credentials in deploy/config.yaml and document the steps',
      queued_at: WAITING,
      started_at: WAITING,
      completed_at: null,
      findings_count: 2,
      reviews_count: 1,
      artifacts_count: 1,
      pending: {
        id: makeId(),
        kind: 'decision',
        prompt:
          'The guardrail found a **credential** in `deploy/config.yaml`, and the review rejected the change. Go on all the same?',
        options: ['approve', 'reject'],
      },
    }),
    task({
      status: 'clarification_needed',
      current_stage: 'context',
      output: null,
      user_input: 'Clean up the old reports',
      queued_at: minutesAgo(6),
      started_at: minutesAgo(6),
      completed_at: null,
      pending: {
        id: makeId(),
        kind: 'clarification',
        prompt: 'Which reports count as old?',
        options: ['Older than a month', 'Older than a year'],
      },
    }),
    task({ findings_count: 0, reviews_count: 1, artifacts_count: 2 }),
    task({
      status: 'failed',
      output: null,
      pod_name: 'Code Generation',
      current_stage: 'task',
      error: 'The task stage failed: the model did not answer within 120 s (3 tries).',
      user_input: 'Add a health check to the inventory service',
      queued_at: minutesAgo(90),
      started_at: minutesAgo(90),
      completed_at: minutesAgo(84),
      retry_count: 3,
    }),
    task({
      status: 'cancelled',
      output: null,
      pod_name: 'Research',
      current_stage: 'context',
      user_input: 'Find every open question in the meeting notes of last week',
      queued_at: minutesAgo(600),
      started_at: minutesAgo(600),
      completed_at: minutesAgo(599),
      total_cost_usd: 0,
    }),
  ]
}

export function exampleFindings(): Finding[] {
  return [
    {
      id: makeId(),
      stage: 'guardrail',
      category: 'credential',
      severity: 'critical',
      title: 'A private key in deploy/config.yaml',
      evidence: '-----BEGIN … (removed)',
      scanner: 'credentials',
      created_at: WAITING,
    },
    {
      id: makeId(),
      stage: 'guardrail',
      category: 'pii',
      severity: 'medium',
      title: 'An e-mail address in the output',
      evidence: 'o…@example.org',
      scanner: 'pii',
      created_at: WAITING,
    },
  ]
}

export function exampleReviews(): CodeReview[] {
  return [
    {
      id: makeId(),
      round: 1,
      verdict: 'needs_refactor',
      summary: 'The count is right, but the file is written without a final newline.',
      issues: ['count.txt lacks a newline at its end', { file: 'count.txt', severity: 'low' }],
      created_at: WAITING,
    },
  ]
}

export function exampleArtifacts(): Artifact[] {
  return [
    {
      id: makeId(),
      stage: 'documentation',
      kind: 'document',
      name: 'How the word count was made',
      content: '# Word count\n\nThe file was read whole and split at white space.\n',
      sha256: '0'.repeat(64),
      created_at: WAITING,
    },
    {
      id: makeId(),
      stage: 'diagramming',
      kind: 'diagram',
      name: 'Data flow',
      content: 'flowchart LR\n  notes.txt --> count --> count.txt\n',
      sha256: '1'.repeat(64),
      created_at: WAITING,
    },
  ]
}
