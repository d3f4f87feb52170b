import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { agentsQuery } from '@/api/agents'
import { messageOf } from '@/api/errors'
import { podsQuery } from '@/api/pods'
import type { Rule } from '@/api/types'
import { classNames } from '@/lib/class-names'
import { controlClass, Field } from '@/ui/field'

type Scope = Rule['scope']

/** For whom it is: the form's fields `scope`, and `pod_ids` or `agent_ids` that are chosen for it. */
export function ScopeFields({
  scope = 'global',
  podIds = [],
  agentIds = [],
}: {
  scope?: Scope | undefined
  podIds?: string[] | undefined
  agentIds?: string[] | undefined
}) {
  const [chosen, setChosen] = useState<Scope>(scope)
  return (
    <>
      <Field label="For whom">
        {(id) => (
          <select
            id={id}
            name="scope"
            value={chosen}
            onChange={(event) => setChosen(event.target.value as Scope)}
            className={classNames(controlClass, 'h-9 py-0')}
          >
            <option value="global">Everybody</option>
            <option value="pod">The agents of some pods</option>
            <option value="agent">Some agents</option>
          </select>
        )}
      </Field>
      <div className="md:col-span-2">
        {chosen === 'pod' && <Pods ids={podIds} />}
        {chosen === 'agent' && <Agents ids={agentIds} />}
      </div>
    </>
  )
}

function Pods({ ids }: { ids: string[] }) {
  const { data, error } = useQuery(podsQuery)
  const pods = data?.map(({ id, name }) => ({ id, name }))
  return <Choices legend="Pods" name="pod_ids" ids={ids} options={pods} error={error} />
}

function Agents({ ids }: { ids: string[] }) {
  const { data, error } = useQuery(agentsQuery)
  const agents = data?.agents.map(({ id, config }) => ({ id, name: config.name ?? 'Agent' }))
  return <Choices legend="Agents" name="agent_ids" ids={ids} options={agents} error={error} />
}

function Choices({
  legend,
  name,
  ids,
  options,
  error,
}: {
  legend: string
  name: string
  ids: string[]
  options: { id: string; name: string }[] | undefined
  error: unknown
}) {
  // What is not listed (an agent of a pod, say) stays chosen.
  const unlisted = ids.filter((id) => !options?.some((option) => option.id === id))
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 font-medium text-[0.8125rem]">{legend}</legend>
      {error !== null && <p className="text-bad">They can’t be listed: {messageOf(error)}</p>}
      <div className="flex max-h-40 flex-wrap gap-x-4 gap-y-1.5 overflow-y-auto">
        {options?.map((option) => (
          <label key={option.id} className="flex items-center gap-2">
            <input
              type="checkbox"
              name={name}
              value={option.id}
              defaultChecked={ids.includes(option.id)}
            />
            {option.name}
          </label>
        ))}
        {unlisted.map((id) => (
          <label key={id} className="flex items-center gap-2">
            <input type="checkbox" name={name} value={id} defaultChecked />
            <code className="text-xs">{id.slice(-8)}</code>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
