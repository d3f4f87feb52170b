import { useSuspenseQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { toolsQuery } from '@/api/agents'
import { messageOf } from '@/api/errors'
import type { AgentConfig } from '@/api/types'
import { classNames } from '@/lib/class-names'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'

/** What a person can say of an agent, for a new one and for one that is there. */
export type AgentChoice = Pick<AgentConfig, 'name' | 'model' | 'system_prompt' | 'tools'>

export function AgentForm({
  label,
  action,
  config,
  busy,
  error,
  onSend,
}: {
  label: string
  action: string
  config?: AgentConfig
  busy: boolean
  error: unknown
  onSend: (choice: AgentChoice) => void
}) {
  const [limited, setLimited] = useState(config?.tools != null)

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    onSend({
      name: text('name'),
      model: text('model') || 'auto',
      system_prompt: text('system_prompt'),
      tools: limited ? form.getAll('tools').map(String) : null,
    })
  }

  return (
    <form onSubmit={send} aria-label={label} className="grid gap-3 md:grid-cols-2">
      <Field label="Name">
        {(id) => (
          <input
            id={id}
            name="name"
            required
            maxLength={200}
            defaultValue={config?.name}
            className={controlClass}
          />
        )}
      </Field>
      <Field label="Model" hint="auto lets Nova choose">
        {(id, describedBy) => (
          <input
            id={id}
            name="model"
            defaultValue={config?.model ?? 'auto'}
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <div className="md:col-span-2">
        <Field label="System prompt" hint="Who it is, what it does, and how it answers">
          {(id, describedBy) => (
            <textarea
              id={id}
              name="system_prompt"
              rows={3}
              defaultValue={config?.system_prompt}
              aria-describedby={describedBy}
              className={classNames(controlClass, 'field-sizing-content max-h-80 min-h-20')}
            />
          )}
        </Field>
      </div>
      <Field label="Tools">
        {(id) => (
          <select
            id={id}
            value={limited ? 'some' : 'all'}
            onChange={(event) => setLimited(event.target.value === 'some')}
            className={classNames(controlClass, 'h-9 py-0')}
          >
            <option value="all">All tools</option>
            <option value="some">Only those chosen here</option>
          </select>
        )}
      </Field>
      {limited && <ToolChoice chosen={config?.tools ?? []} />}
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

function ToolChoice({ chosen }: { chosen: string[] }) {
  const { data: groups } = useSuspenseQuery(toolsQuery)
  const known = groups.flatMap((group) => group.tools)
  // What the agent has although nobody offers it now must not be lost by looking at it.
  const gone = chosen.filter((name) => !known.some((tool) => tool.name === name))
  const tools = [...known, ...gone.map((name) => ({ name, description: 'Not offered now.' }))]
  return (
    <fieldset className="grid gap-x-4 gap-y-1.5 rounded-lg border p-3 sm:grid-cols-2 md:col-span-2 lg:grid-cols-3">
      <legend className="px-1 font-medium text-[0.8125rem]">Chosen tools</legend>
      {tools.map((tool) => (
        <label key={tool.name} className="flex items-center gap-2" title={tool.description}>
          <input
            type="checkbox"
            name="tools"
            value={tool.name}
            defaultChecked={chosen.includes(tool.name)}
          />
          <code className="text-xs">{tool.name}</code>
        </label>
      ))}
    </fieldset>
  )
}
