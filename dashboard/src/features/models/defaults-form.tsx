import { useSuspenseQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { configQuery, useSetConfig } from '@/api/config'
import { messageOf } from '@/api/errors'
import { modelsQuery } from '@/api/models'
import { classNames } from '@/lib/class-names'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'
import { aliasesOf, aliasText } from './aliases'

const STRATEGIES = {
  'local-first': 'Local first, then the cloud',
  'local-only': 'Local only',
  'cloud-first': 'The cloud first, then local',
  'cloud-only': 'The cloud only',
}

const MODEL = 'llm.default_chat_model'
const STRATEGY = 'llm.routing_strategy'
const ALIASES = 'llm.aliases'
const MAC = 'llm.wol_mac'
const BROADCAST = 'llm.wol_broadcast'

/** The model that is taken when none is named, where auto looks, and other names for models. */
export function DefaultsForm() {
  const { data: config } = useSuspenseQuery(configQuery)
  const { data: models } = useSuspenseQuery(modelsQuery)
  const save = useSetConfig()
  const [problem, setProblem] = useState<string | null>(null)
  const given = (key: string) => {
    const value = config.get(key)
    return typeof value === 'string' ? value : ''
  }

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    const aliases = aliasesOf(text(ALIASES))
    setProblem(typeof aliases === 'string' ? aliases : null)
    if (typeof aliases === 'string') return
    const values = {
      [MODEL]: text(MODEL) || 'auto',
      [STRATEGY]: text(STRATEGY),
      [ALIASES]: aliases,
      [MAC]: text(MAC) || null,
      [BROADCAST]: text(BROADCAST) || null,
    }
    const changed = Object.entries(values).filter(
      ([key, value]) => JSON.stringify(value) !== JSON.stringify(config.get(key) ?? null),
    )
    save.mutate(Object.fromEntries(changed))
  }

  const wrong = problem ?? (save.error === null ? null : messageOf(save.error))
  return (
    <form onSubmit={send} aria-label="Defaults" className="grid gap-4 p-4 md:grid-cols-2">
      <Field label="Default model" hint="auto takes the best that can be used now">
        {(id, describedBy) => (
          <>
            <input
              id={id}
              name={MODEL}
              list={`${id}-models`}
              defaultValue={given(MODEL)}
              aria-describedby={describedBy}
              className={controlClass}
            />
            <datalist id={`${id}-models`}>
              <option value="auto" />
              {models.map((model) => (
                <option key={model.id} value={model.id} />
              ))}
            </datalist>
          </>
        )}
      </Field>
      <Field label="Where auto looks">
        {(id) => (
          <select
            id={id}
            name={STRATEGY}
            defaultValue={given(STRATEGY)}
            className={classNames(controlClass, 'h-9 py-0')}
          >
            {Object.entries(STRATEGIES).map(([key, label]) => (
              <option key={key} value={key}>
                {label}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div className="md:col-span-2">
        <Field
          label="Aliases"
          hint="One a line: name = model. A * stands for any text, as in claude-* = auto"
        >
          {(id, describedBy) => (
            <textarea
              id={id}
              name={ALIASES}
              rows={5}
              defaultValue={aliasText(config.get(ALIASES))}
              placeholder="fast = groq/openai/gpt-oss-20b"
              aria-describedby={describedBy}
              className={classNames(controlClass, 'font-mono text-[0.8125rem]')}
            />
          )}
        </Field>
      </div>
      <Field label="Hardware address to wake" hint="Of Ollama’s machine, when it sleeps">
        {(id, describedBy) => (
          <input
            id={id}
            name={MAC}
            defaultValue={given(MAC)}
            placeholder="01:23:45:67:89:ab"
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <Field label="Broadcast address for waking">
        {(id) => (
          <input
            id={id}
            name={BROADCAST}
            defaultValue={given(BROADCAST)}
            placeholder="192.168.1.255"
            className={controlClass}
          />
        )}
      </Field>
      <div className="flex flex-wrap items-center gap-3 md:col-span-2">
        <Button type="submit" kind="primary" busy={save.isPending}>
          Save
        </Button>
        {save.isSuccess && problem === null && <span role="status">Saved.</span>}
      </div>
      {wrong !== null && (
        <div className="md:col-span-2">
          <Notice>{wrong}</Notice>
        </div>
      )}
    </form>
  )
}
