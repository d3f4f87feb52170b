import type { FormEvent } from 'react'
import { messageOf } from '@/api/errors'
import type { CreateSkill, Skill } from '@/api/types'
import { classNames } from '@/lib/class-names'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'

const PLACE = /\\?\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,63})\s*\}\}/g

export function SkillForm({
  label,
  action,
  skill,
  busy,
  error,
  onSend,
}: {
  label: string
  action: string
  skill?: Skill
  busy: boolean
  error: unknown
  onSend: (skill: CreateSkill) => void
}) {
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    const content = String(form.get('content') ?? '')
    onSend({
      name: text('name'),
      content,
      priority: Number(text('priority') || 0),
      parameters: parametersOf(content, skill?.parameters ?? []),
    })
  }

  return (
    <form onSubmit={send} aria-label={label} className="grid gap-3 md:grid-cols-[1fr_8rem]">
      <Field label="Name">
        {(id) => (
          <input
            id={id}
            name="name"
            required
            maxLength={100}
            defaultValue={skill?.name}
            className={controlClass}
          />
        )}
      </Field>
      <Field label="Priority">
        {(id) => (
          <input
            id={id}
            name="priority"
            type="number"
            defaultValue={skill?.priority ?? 0}
            className={controlClass}
          />
        )}
      </Field>
      <div className="md:col-span-2">
        <Field
          label="Content"
          hint="{{name}} stands for a value that a task, an agent or a pod gives"
        >
          {(id, describedBy) => (
            <textarea
              id={id}
              name="content"
              required
              rows={4}
              maxLength={20_000}
              defaultValue={skill?.content}
              aria-describedby={describedBy}
              className={classNames(controlClass, 'field-sizing-content max-h-80 min-h-24')}
            />
          )}
        </Field>
      </div>
      <div className="flex flex-col gap-3 md:col-span-2">
        {error !== null && <Notice>{messageOf(error)}</Notice>}
        <span className="flex justify-end">
          <Button type="submit" kind="primary" busy={busy}>
            {action}
          </Button>
        </span>
      </div>
    </form>
  )
}

/** Every name in the content is declared; what is known of one is kept, a new one is required. */
function parametersOf(content: string, known: Skill['parameters']): Skill['parameters'] {
  const places = [...content.matchAll(PLACE)].filter(([place]) => !place.startsWith('\\'))
  const names = new Set(places.map(([, name]) => name ?? ''))
  const kept = known.filter(({ name }) => names.has(name))
  const added = [...names].filter((name) => !known.some((one) => one.name === name))
  return [...kept, ...added.map((name) => ({ name, required: true }))]
}
