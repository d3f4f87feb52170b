import type { FormEvent, ReactNode } from 'react'
import { messageOf } from '@/api/errors'
import { classNames } from '@/lib/class-names'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/notice'

/** What was typed into a form. */
export class Entries {
  private readonly form: FormData

  constructor(form: FormData) {
    this.form = form
  }

  text(name: string): string {
    return String(this.form.get(name) ?? '').trim()
  }

  /** As it was typed, with its white space. */
  raw(name: string): string {
    return String(this.form.get(name) ?? '')
  }

  all(name: string): string[] {
    return this.form.getAll(name).map(String)
  }

  /** Null while the field is empty. */
  number(name: string): number | null {
    const text = this.text(name)
    return text === '' ? null : Number(text)
  }
}

/** A form for one thing: its fields, what went wrong, and the button that sends it. */
export function EntryForm({
  label,
  action,
  busy,
  error,
  columns = 2,
  reason,
  framed = false,
  onSend,
  children,
}: {
  label: string
  action: string
  busy: boolean
  error: unknown
  columns?: 2 | 3
  /** Why it can't be sent yet. */
  reason?: string | null
  /** Whether it stands above a list by itself. */
  framed?: boolean
  onSend: (entries: Entries) => void
  children: ReactNode
}) {
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    onSend(new Entries(new FormData(event.currentTarget)))
  }

  return (
    <form
      onSubmit={send}
      aria-label={label}
      className={classNames(
        'grid gap-3',
        columns === 2 ? 'md:grid-cols-2' : 'md:grid-cols-3',
        framed && 'border-b p-4',
      )}
    >
      {children}
      <div className="col-span-full flex flex-col gap-3">
        {error !== null && <Notice>{messageOf(error)}</Notice>}
        <span className="flex justify-end">
          <Button type="submit" kind="primary" busy={busy} reason={reason}>
            {action}
          </Button>
        </span>
      </div>
    </form>
  )
}
