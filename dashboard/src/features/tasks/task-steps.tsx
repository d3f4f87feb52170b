import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { stepsQuery } from '@/api/steps'
import { isActive } from '@/api/tasks'
import type { PipelineTaskDetail, Step } from '@/api/types'
import { Duration } from '@/components/times'
import { formatCost, formatCount, sentence } from '@/lib/format'
import { Badge, type Tone } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Icon } from '@/ui/icon'
import { Empty, Notice } from '@/ui/notice'
import { ForkForm } from './fork-form'
import { TaskReplay } from './task-replay'

const TONES: Record<string, Tone> = { done: 'ok', failed: 'bad', unknown: 'warn', begun: 'busy' }

/** The journal: each call with what was asked and what came back. */
export function TaskSteps({ task }: { task: PipelineTaskDetail }) {
  const active = isActive(task.status)
  const { data } = useSuspenseQuery(stepsQuery(task.id, { grows: active }))
  if (data.steps.length === 0) {
    return (
      <Empty icon="tasks" title="No steps yet">
        Each call of a model, a tool or the memory is listed here.
      </Empty>
    )
  }
  return (
    <>
      <TaskReplay task={task} />
      <ol className="divide-y">
        {data.steps.map((step) => (
          <StepItem key={step.step} task={task} step={step} active={active} />
        ))}
      </ol>
      {data.total > data.steps.length && (
        <div className="p-4">
          <Notice tone="warn">
            These are the first {formatCount(data.steps.length)} of {formatCount(data.total)} steps.
          </Notice>
        </div>
      )}
    </>
  )
}

interface StepProps {
  task: PipelineTaskDetail
  step: Step
  active: boolean
}

function StepItem({ task, step, active }: StepProps) {
  const [forking, setForking] = useState(false)
  return (
    <li>
      <details className="group">
        <summary className="flex list-none flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 hover:bg-raised">
          <Icon
            name="chevron"
            className="size-3.5 text-faint group-open:rotate-90 motion-safe:transition-transform"
          />
          <span className="font-medium [overflow-wrap:anywhere]">{titleOf(step)}</span>
          <Badge tone={TONES[step.status] ?? 'neutral'}>{sentence(step.status)}</Badge>
          <span className="flex flex-wrap gap-x-3 text-faint text-xs">
            <span>{sentence(step.stage)}</span>
            <Duration start={step.started_at} end={step.ended_at} />
            {step.output_tokens > 0 && (
              <span>{formatCount(step.input_tokens + step.output_tokens)} tokens</span>
            )}
            {(step.cost_usd ?? 0) > 0 && <span>{formatCost(step.cost_usd)}</span>}
          </span>
        </summary>
        <div className="flex flex-col gap-3 px-4 pb-4">
          <Json label="Request" value={step.request} />
          {step.result != null && <Json label="Result" value={step.result} />}
          {forking ? (
            <ForkForm task={task} step={step} onCancel={() => setForking(false)} />
          ) : (
            <span>
              <Button
                onClick={() => setForking(true)}
                reason={active ? 'Wait until the task has ended or waits for you' : null}
              >
                Fork from here
              </Button>
            </span>
          )}
        </div>
      </details>
    </li>
  )
}

function titleOf(step: Step): string {
  switch (step.kind) {
    case 'model':
      return `Asked ${step.name}`
    case 'memory':
      return `Memory: ${sentence(step.name).toLowerCase()}`
    default:
      return step.name
  }
}

function Json({ label, value }: { label: string; value: unknown }) {
  return (
    <section aria-label={label}>
      <h3 className="mb-1 text-faint text-xs">{label}</h3>
      <pre className="max-h-80 overflow-auto whitespace-pre-wrap rounded-lg border bg-sunken p-3 font-mono text-xs [overflow-wrap:anywhere]">
        {JSON.stringify(value, null, 2)}
      </pre>
    </section>
  )
}
