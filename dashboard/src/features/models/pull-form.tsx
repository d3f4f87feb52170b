import type { FormEvent } from 'react'
import { messageOf } from '@/api/errors'
import { usePull } from '@/api/ollama'
import type { PullProgress } from '@/api/types'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'

export function PullForm() {
  const { pull, progress, cancel } = usePull()

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name') ?? '').trim()
    if (name !== '') pull.mutate(name)
  }

  const stopped = pull.error !== null && pull.error.name === 'AbortError'
  return (
    <div className="flex flex-col gap-3 border-b p-4">
      <form onSubmit={send} aria-label="Pull a model" className="flex flex-wrap items-end gap-3">
        <div className="min-w-60 flex-1">
          <Field label="Model to pull">
            {(id) => (
              <input
                id={id}
                name="name"
                required
                maxLength={300}
                placeholder="llama3.2:3b"
                className={controlClass}
              />
            )}
          </Field>
        </div>
        <Button type="submit" kind="primary" busy={pull.isPending}>
          Pull
        </Button>
        {pull.isPending && <Button onClick={cancel}>Stop</Button>}
      </form>
      {pull.isPending && <Progress progress={progress} />}
      {pull.isSuccess && <p role="status">{pull.variables} is there.</p>}
      {stopped && <p role="status">Stopped. The next try goes on where it was.</p>}
      {pull.error !== null && !stopped && <Notice>{messageOf(pull.error)}</Notice>}
    </div>
  )
}

function Progress({ progress }: { progress: PullProgress | null }) {
  const percent = progress?.percent ?? null
  const label = progress?.status ?? 'Asking Ollama'
  return (
    <div className="flex flex-col gap-1">
      <progress
        aria-label={label}
        className="h-2 w-full accent-accent"
        max={100}
        {...(percent === null ? {} : { value: percent })}
      />
      <p className="flex justify-between text-muted text-xs">
        <span className="[overflow-wrap:anywhere]">{label}</span>
        {percent !== null && <span className="tabular-nums">{percent} %</span>}
      </p>
    </div>
  )
}
