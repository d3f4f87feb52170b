import { type FormEvent, useState } from 'react'
import { messageOf } from '@/api/errors'
import { useClarifyTask, useReviewTask } from '@/api/tasks'
import type { Pending, PipelineTask } from '@/api/types'
import { Markdown } from '@/components/markdown'
import { classNames } from '@/lib/class-names'
import { Button } from '@/ui/button'
import { Card } from '@/ui/card'
import { controlClass, Field } from '@/ui/field'
import { Icon } from '@/ui/icon'
import { Notice } from '@/ui/notice'

const TITLES: Record<Pending['kind'], string> = {
  decision: 'Nova needs your decision',
  tool: 'A tool needs your approval',
  budget: 'The budget is used up',
  unknown_outcome: 'It is not known whether a step took effect',
  restored: 'This task was restored from a backup',
  clarification: 'Nova has a question',
}

/** For what the task waits, and the form that lets it go on. */
export function TaskPending({ task, pending }: { task: PipelineTask; pending: Pending }) {
  return (
    <Card className="border-warn/40">
      <div className="flex items-center gap-2 rounded-t-xl bg-warn-soft px-4 py-2.5 text-warn">
        <Icon name="alert" />
        <h2 className="font-semibold">{TITLES[pending.kind]}</h2>
      </div>
      <div className="flex flex-col gap-4 p-4">
        <Markdown text={pending.prompt} />
        {pending.kind === 'clarification' ? (
          <ClarifyForm task={task} pending={pending} />
        ) : (
          <ReviewForm task={task} pending={pending} />
        )}
      </div>
    </Card>
  )
}

function ReviewForm({ task, pending }: { task: PipelineTask; pending: Pending }) {
  const [comment, setComment] = useState('')
  const [budget, setBudget] = useState('')
  const review = useReviewTask(task.id)
  // The budget of a pod, a key or the day is raised where it stands; approving tries again.
  const scope = pending.budget?.scope ?? 'task'
  const needsBudget = pending.kind === 'budget' && scope === 'task'
  const amount = Number(budget)
  const noAmount = needsBudget && !(amount > 0) ? 'Say how many dollars the task may cost' : null

  function decide(decision: 'approve' | 'reject') {
    review.mutate({
      decision,
      pending_id: pending.id,
      ...(comment.trim() === '' ? {} : { comment: comment.trim() }),
      ...(needsBudget && decision === 'approve' ? { budget_usd: amount } : {}),
    })
  }

  return (
    <div className="flex flex-col gap-3">
      {needsBudget && (
        <Field label="New budget in US dollars">
          {(id) => (
            <input
              id={id}
              type="number"
              min="0"
              step="any"
              inputMode="decimal"
              value={budget}
              onChange={(event) => setBudget(event.target.value)}
              className={classNames(controlClass, 'max-w-40')}
            />
          )}
        </Field>
      )}
      <Field label="Comment" hint="Optional; the agents read it.">
        {(id, describedBy) => (
          <textarea
            id={id}
            rows={2}
            value={comment}
            aria-describedby={describedBy}
            onChange={(event) => setComment(event.target.value)}
            className={controlClass}
          />
        )}
      </Field>
      {review.error !== null && <Notice>{messageOf(review.error)}</Notice>}
      <div className="flex gap-2">
        <Button
          kind="primary"
          busy={review.isPending}
          reason={noAmount}
          onClick={() => decide('approve')}
        >
          Approve
        </Button>
        <Button kind="danger" disabled={review.isPending} onClick={() => decide('reject')}>
          Reject
        </Button>
      </div>
    </div>
  )
}

function ClarifyForm({ task, pending }: { task: PipelineTask; pending: Pending }) {
  const clarify = useClarifyTask(task.id)
  const options = pending.options ?? []

  function answer(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const text = String(new FormData(event.currentTarget).get('answer') ?? '').trim()
    if (text !== '') clarify.mutate([text])
  }

  return (
    <form onSubmit={answer} className="flex flex-col gap-3">
      {options.length > 0 && (
        <div className="flex flex-wrap gap-2">
          {options.map((option) => (
            <Button
              key={option}
              disabled={clarify.isPending}
              onClick={() => clarify.mutate([option])}
            >
              {option}
            </Button>
          ))}
        </div>
      )}
      <Field label={options.length > 0 ? 'Or in your own words' : 'Your answer'}>
        {(id) => <textarea id={id} name="answer" rows={2} required className={controlClass} />}
      </Field>
      {clarify.error !== null && <Notice>{messageOf(clarify.error)}</Notice>}
      <div>
        <Button type="submit" kind="primary" busy={clarify.isPending}>
          Answer
        </Button>
      </div>
    </form>
  )
}
