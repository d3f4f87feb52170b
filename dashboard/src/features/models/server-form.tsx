import type { FormEvent } from 'react'
import { messageOf } from '@/api/errors'
import { useChangeProvider } from '@/api/providers'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'

/** Adds a server that speaks OpenAI's format; its key is added to it afterwards. */
export function ServerForm({ onDone }: { onDone: () => void }) {
  const change = useChangeProvider()

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    const headers = headersOf(text('headers'))
    change.mutate(
      {
        slug: text('slug'),
        base_url: text('base_url'),
        ...(text('title') === '' ? {} : { title: text('title') }),
        ...(headers === null ? {} : { headers }),
      },
      { onSuccess: onDone },
    )
  }

  return (
    <form
      onSubmit={send}
      aria-label="Add a server"
      className="grid gap-3 border-b p-4 md:grid-cols-2"
    >
      <Field label="Short name" hint="Its models are called <short name>/<model>">
        {(id, describedBy) => (
          <input
            id={id}
            name="slug"
            required
            maxLength={40}
            pattern="[a-z0-9][a-z0-9\-]*"
            title="Lower-case letters, digits and hyphens"
            placeholder="lab"
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <Field label="Title">
        {(id) => <input id={id} name="title" maxLength={100} className={controlClass} />}
      </Field>
      <Field label="Address" hint="Of an OpenAI-compatible server, usually ending with /v1">
        {(id, describedBy) => (
          <input
            id={id}
            name="base_url"
            type="url"
            required
            placeholder="http://192.168.1.7:8000/v1"
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <Field label="Further headers" hint="One a line, name: value; stored encrypted">
        {(id, describedBy) => (
          <textarea
            id={id}
            name="headers"
            rows={2}
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <div className="flex items-center justify-end gap-3 md:col-span-2">
        {change.error !== null && <Notice>{messageOf(change.error)}</Notice>}
        <Button type="submit" kind="primary" busy={change.isPending}>
          Add server
        </Button>
      </div>
    </form>
  )
}

function headersOf(text: string): Record<string, string> | null {
  const pairs = text
    .split('\n')
    .filter((line) => line.includes(':'))
    .map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const
    })
  return pairs.length === 0 ? null : Object.fromEntries(pairs)
}
