import { describe, expect, it } from 'vitest'
import type { StreamEvent } from '@/api/types'
import { assemble } from './assemble'
import { groupStages } from './stages'

function stage(name: string, status: 'started' | 'completed' | 'failed', round = 1): StreamEvent {
  return { type: 'stage', stage: name, status, round }
}

function shown(...events: StreamEvent[]): string[] {
  const entries = events.map((event, index) => ({ id: index + 1, event }))
  return groupStages(assemble(entries).parts).map((part) => {
    if (part.kind === 'heading') return `# ${part.text}`
    if (part.kind !== 'note' || part.event.type !== 'stage') return part.kind
    return `${part.event.stage} ${part.event.status}`
  })
}

describe('groupStages', () => {
  it('makes a heading of each stage and drops what it says already', () => {
    expect(
      shown(
        { type: 'status', status: 'context_running' },
        stage('context', 'started'),
        { delta: 'text' },
        stage('context', 'completed'),
        stage('task', 'started', 2),
      ),
    ).toEqual(['# Context', 'text', '# Task, round 2'])
  })

  it('gives stages that run in parallel one heading and a line each', () => {
    expect(
      shown(
        stage('documentation', 'started'),
        stage('diagramming', 'started'),
        stage('diagramming', 'completed'),
        stage('documentation', 'completed'),
      ),
    ).toEqual(['# Documentation, Diagramming', 'diagramming completed', 'documentation completed'])
  })

  it('keeps a failure', () => {
    expect(shown(stage('task', 'started'), stage('task', 'failed'))).toEqual([
      '# Task',
      'task failed',
    ])
  })
})
