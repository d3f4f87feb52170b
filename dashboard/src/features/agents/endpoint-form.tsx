import { useCreateEndpoint } from '@/api/endpoints'
import type { CreateEndpoint } from '@/api/types'
import { type Entries, EntryForm } from '@/components/entry-form'
import { classNames } from '@/lib/class-names'
import { controlClass, Field, TextField } from '@/ui/field'

const PROTOCOLS = ['a2a', 'acp', 'generic'] as const

export function EndpointForm({ onDone }: { onDone: () => void }) {
  const create = useCreateEndpoint()
  return (
    <EntryForm
      label="Connect agent"
      action="Connect"
      busy={create.isPending}
      error={create.error}
      framed
      onSend={(entries) => create.mutate(endpointIn(entries), { onSuccess: onDone })}
    >
      <TextField label="Name" name="name" required maxLength={200} />
      <Field label="Protocol">
        {(id) => (
          <select id={id} name="protocol" className={classNames(controlClass, 'h-9 py-0')}>
            <option value="a2a">A2A (Agent2Agent)</option>
            <option value="acp">ACP (Agent Communication Protocol)</option>
            <option value="generic">Plain JSON by POST</option>
          </select>
        )}
      </Field>
      <TextField
        label="Address"
        hint="For A2A the one that its agent card lies under"
        name="url"
        type="url"
        required
        placeholder="http://192.168.1.7:9999"
      />
      <TextField
        label="Token"
        hint="Sent as a bearer token, stored encrypted, never shown again"
        name="auth_token"
        type="password"
        autoComplete="off"
      />
      <TextField
        label="What it is good for"
        hint="Nova's agents read this to choose it"
        name="description"
        maxLength={2000}
      />
    </EntryForm>
  )
}

function endpointIn(entries: Entries): CreateEndpoint {
  const token = entries.text('auth_token')
  return {
    name: entries.text('name'),
    url: entries.text('url'),
    description: entries.text('description'),
    protocol: PROTOCOLS.find((one) => one === entries.text('protocol')) ?? 'a2a',
    ...(token === '' ? {} : { auth_token: token }),
  }
}
