import type { FormEvent } from 'react'
import { messageOf } from '@/api/errors'
import { useRemoveOverride, useSetOverride } from '@/api/models'
import type { Model, ModelOverride } from '@/api/types'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'

const FIELDS = [
  { name: 'input', label: 'Input, $ per million', step: 'any', min: 0 },
  { name: 'output', label: 'Output, $ per million', step: 'any', min: 0 },
  { name: 'cached_input', label: 'Cached input', step: 'any', min: 0 },
  { name: 'context_window', label: 'Context, tokens', step: '1', min: 1 },
  { name: 'max_output', label: 'Longest answer', step: '1', min: 1 },
] as const

/** What a person knows better about a model; empty fields are left to the provider and the table. */
export function OverrideForm({ model, onDone }: { model: Model; onDone: () => void }) {
  const set = useSetOverride(model.id)
  const remove = useRemoveOverride(model.id)
  const error = set.error ?? remove.error

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const given: ModelOverride = {}
    for (const { name } of FIELDS) {
      const text = String(form.get(name) ?? '').trim()
      if (text !== '') given[name] = Number(text)
    }
    set.mutate(given, { onSuccess: onDone })
  }

  return (
    <form
      onSubmit={send}
      aria-label={`Set for ${model.id}`}
      className="flex flex-col gap-3 rounded-lg bg-raised p-3"
    >
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-5">
        {FIELDS.map(({ name, label, step, min }) => (
          <Field key={name} label={label}>
            {(id) => (
              <input
                id={id}
                name={name}
                type="number"
                step={step}
                min={min}
                defaultValue={model.override?.[name] ?? ''}
                className={controlClass}
              />
            )}
          </Field>
        ))}
      </div>
      {error !== null && <Notice>{messageOf(error)}</Notice>}
      <span className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" busy={set.isPending}>
          Save
        </Button>
        <Button
          busy={remove.isPending}
          reason={model.override == null ? 'Nothing is set for this model.' : null}
          onClick={() => remove.mutate(undefined, { onSuccess: onDone })}
        >
          Take back
        </Button>
      </span>
    </form>
  )
}
