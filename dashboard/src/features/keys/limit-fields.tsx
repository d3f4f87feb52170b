import { useState } from 'react'
import type { ApiKey, ApiKeyLimits } from '@/api/types'
import { classNames } from '@/lib/class-names'
import { controlClass, Field } from '@/ui/field'

const NUMBERS = [
  { name: 'rate_limit_rpm', label: 'Requests a minute', hint: 'Always limited', min: 1 },
  { name: 'rate_limit_tpm', label: 'Tokens a minute', hint: 'Empty: no limit', min: 1 },
  { name: 'budget_usd', label: 'Budget, $', hint: 'In all; empty: none', min: 0 },
  { name: 'max_concurrent_tasks', label: 'Tasks at once', hint: 'Empty: no limit', min: 1 },
] as const

const USUAL_RATE = 60

/** What a key is held to; an empty field is no limit. */
export function LimitFields({ apiKey }: { apiKey?: ApiKey }) {
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
        {NUMBERS.map(({ name, label, hint, min }) => (
          <Field key={name} label={label} hint={hint}>
            {(id, describedBy) => (
              <input
                id={id}
                name={name}
                type="number"
                min={min}
                step={name === 'budget_usd' ? 'any' : 1}
                required={name === 'rate_limit_rpm'}
                defaultValue={
                  apiKey === undefined && name === 'rate_limit_rpm'
                    ? USUAL_RATE
                    : (apiKey?.[name] ?? '')
                }
                aria-describedby={describedBy}
                className={controlClass}
              />
            )}
          </Field>
        ))}
      </div>
      <ModelFields allowed={apiKey?.allowed_models ?? null} />
    </>
  )
}

/** Null is every model, an empty list none. */
function ModelFields({ allowed }: { allowed: string[] | null }) {
  const [choice, choose] = useState(() =>
    allowed === null ? 'all' : allowed.length === 0 ? 'none' : 'some',
  )
  return (
    <div className="grid items-start gap-3 sm:grid-cols-2 lg:grid-cols-4">
      <Field label="Models">
        {(id) => (
          <select
            id={id}
            name="models"
            value={choice}
            onChange={(event) => choose(event.target.value)}
            className={classNames(controlClass, 'h-9 py-0')}
          >
            <option value="all">All models</option>
            <option value="some">Only these</option>
            <option value="none">No model</option>
          </select>
        )}
      </Field>
      {choice === 'some' && (
        <div className="lg:col-span-3">
          <Field
            label="Allowed models"
            hint="One a line; * stands for any characters, as in ollama/*"
          >
            {(id, describedBy) => (
              <textarea
                id={id}
                name="allowed_models"
                required
                rows={2}
                defaultValue={allowed?.join('\n')}
                aria-describedby={describedBy}
                className={controlClass}
              />
            )}
          </Field>
        </div>
      )}
    </div>
  )
}

export function limitsOf(form: FormData): ApiKeyLimits {
  const number = (name: string) => {
    const text = String(form.get(name) ?? '').trim()
    return text === '' ? null : Number(text)
  }
  return {
    rate_limit_rpm: number('rate_limit_rpm'),
    rate_limit_tpm: number('rate_limit_tpm'),
    budget_usd: number('budget_usd'),
    max_concurrent_tasks: number('max_concurrent_tasks'),
    allowed_models: modelsOf(form),
  }
}

function modelsOf(form: FormData): string[] | null {
  if (form.get('models') === 'all') return null
  return String(form.get('allowed_models') ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}
