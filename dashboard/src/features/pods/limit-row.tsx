import { type ReactNode, useState } from 'react'
import { type Entries, EntryForm } from '@/components/entry-form'
import { Row } from '@/components/row'
import { EditButton } from '@/components/row-actions'
import { TextField } from '@/ui/field'
import { isMoney, type Limit } from './limits'

/** One pod: the limits it has, and a form that changes them. */
export function LimitRow<Name extends string>({
  name,
  badge,
  text,
  limits,
  values,
  busy,
  error,
  onSend,
}: {
  name: string
  badge: ReactNode
  text: string
  limits: Limit<Name>[]
  values: Record<Name, unknown>
  busy: boolean
  error: unknown
  onSend: (entries: Entries, done: () => void) => void
}) {
  const [editing, setEditing] = useState(false)
  const set = limits.filter((limit) => values[limit.name] !== null)
  return (
    <Row
      name={name}
      badge={badge}
      text={text}
      error={editing ? null : error}
      facts={
        <>
          {set.map((limit) => (
            <span key={limit.name}>
              {String(values[limit.name])} {limit.unit}
            </span>
          ))}
          {set.length === 0 && <span>no limits</span>}
        </>
      }
      actions={<EditButton open={editing} onToggle={() => setEditing(!editing)} />}
    >
      {editing && (
        <EntryForm
          label={`Limits of ${name}`}
          action="Save"
          busy={busy}
          error={error}
          onSend={(entries) => onSend(entries, () => setEditing(false))}
        >
          {limits.map((limit) => (
            <TextField
              key={limit.name}
              label={limit.label}
              hint={limit.required ? limit.hint : `${limit.hint}; empty: no limit`}
              name={limit.name}
              type="number"
              required={limit.required ?? false}
              min={isMoney(limit.name) ? 0 : 1}
              step={isMoney(limit.name) ? 'any' : 1}
              defaultValue={values[limit.name] === null ? '' : String(values[limit.name])}
            />
          ))}
        </EntryForm>
      )}
    </Row>
  )
}
