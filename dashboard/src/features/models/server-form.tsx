import { useChangeProvider } from '@/api/providers'
import { EntryForm } from '@/components/entry-form'
import { controlClass, Field, TextField } from '@/ui/field'

/** Adds a server that speaks OpenAI's format; its key is added to it afterwards. */
export function ServerForm({ onDone }: { onDone: () => void }) {
  const change = useChangeProvider()
  return (
    <EntryForm
      label="Add a server"
      action="Add server"
      busy={change.isPending}
      error={change.error}
      framed
      onSend={(entries) => {
        const title = entries.text('title')
        const headers = headersOf(entries.text('headers'))
        change.mutate(
          {
            slug: entries.text('slug'),
            base_url: entries.text('base_url'),
            ...(title === '' ? {} : { title }),
            ...(headers === null ? {} : { headers }),
          },
          { onSuccess: onDone },
        )
      }}
    >
      <TextField
        label="Short name"
        hint="Its models are called <short name>/<model>"
        name="slug"
        required
        maxLength={40}
        pattern="[a-z0-9][a-z0-9\-]*"
        title="Lower-case letters, digits and hyphens"
        placeholder="lab"
      />
      <TextField label="Title" name="title" maxLength={100} />
      <TextField
        label="Address"
        hint="Of an OpenAI-compatible server, usually ending with /v1"
        name="base_url"
        type="url"
        required
        placeholder="http://192.168.1.7:8000/v1"
      />
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
    </EntryForm>
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
