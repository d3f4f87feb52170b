import type { CreateSkill, Skill } from '@/api/types'
import { type Entries, EntryForm } from '@/components/entry-form'
import { classNames } from '@/lib/class-names'
import { controlClass, Field, TextField } from '@/ui/field'

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
  return (
    <EntryForm
      label={label}
      action={action}
      busy={busy}
      error={error}
      onSend={(entries) => onSend(skillIn(entries, skill))}
    >
      <TextField label="Name" name="name" required maxLength={100} defaultValue={skill?.name} />
      <TextField
        label="Priority"
        name="priority"
        type="number"
        defaultValue={skill?.priority ?? 0}
      />
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
    </EntryForm>
  )
}

function skillIn(entries: Entries, skill: Skill | undefined): CreateSkill {
  const content = entries.raw('content')
  return {
    name: entries.text('name'),
    content,
    priority: entries.number('priority') ?? 0,
    parameters: parametersOf(content, skill?.parameters ?? []),
  }
}

/** Every name in the content is declared; what is known of one is kept, a new one is required. */
function parametersOf(content: string, known: Skill['parameters']): Skill['parameters'] {
  const places = [...content.matchAll(PLACE)].filter(([place]) => !place.startsWith('\\'))
  const names = new Set(places.map(([, name]) => name ?? ''))
  const kept = known.filter(({ name }) => names.has(name))
  const added = [...names].filter((name) => !known.some((one) => one.name === name))
  return [...kept, ...added.map((name) => ({ name, required: true }))]
}
