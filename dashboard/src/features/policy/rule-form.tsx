import type { FormEvent } from 'react'
import { messageOf } from '@/api/errors'
import type { CreateRule, Rule } from '@/api/types'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'
import { Choice } from './choice'

const ENFORCEMENTS = { hard: 'Checked before each call', soft: 'Told to the models', both: 'Both' }
const ACTIONS = { block: 'Block it', warn: 'Make it and note it', require_approval: 'Ask a person' }
const SEVERITIES = { low: 'Low', medium: 'Medium', high: 'High', critical: 'Critical' }

export function RuleForm({
  label,
  action,
  rule,
  busy,
  error,
  onSend,
}: {
  label: string
  action: string
  rule?: Rule
  busy: boolean
  error: unknown
  onSend: (rule: CreateRule) => void
}) {
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const text = (name: string) => String(form.get(name) ?? '').trim()
    onSend({
      name: rule?.is_system ? rule.name : text('name') || null,
      rule_text: text('rule_text'),
      enforcement: text('enforcement') as Rule['enforcement'],
      action: text('action') as Rule['action'],
      severity: text('severity') as Rule['severity'],
      pattern: text('pattern') || null,
      target_tools: text('target_tools')
        .split(/[\s,]+/)
        .filter(Boolean),
    })
  }

  return (
    <form onSubmit={send} aria-label={label} className="grid gap-3 md:grid-cols-3">
      <Field label="Name" hint={rule?.is_system ? 'Shipped with Nova; the name stays' : 'Optional'}>
        {(id, describedBy) => (
          <input
            id={id}
            name="name"
            maxLength={100}
            disabled={rule?.is_system ?? false}
            defaultValue={rule?.name}
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <div className="md:col-span-2">
        <Field label="Rule" hint="In words: agents whose call is refused are told so">
          {(id, describedBy) => (
            <textarea
              id={id}
              name="rule_text"
              required
              rows={2}
              defaultValue={rule?.rule_text}
              aria-describedby={describedBy}
              className={controlClass}
            />
          )}
        </Field>
      </div>
      <Choice
        label="Enforcement"
        name="enforcement"
        options={ENFORCEMENTS}
        value={rule?.enforcement ?? 'hard'}
      />
      <Choice
        label="A call it matches"
        name="action"
        options={ACTIONS}
        value={rule?.action ?? 'block'}
      />
      <Choice
        label="Severity"
        name="severity"
        options={SEVERITIES}
        value={rule?.severity ?? 'medium'}
      />
      <Field label="Tools" hint="Names or globs; none means every tool">
        {(id, describedBy) => (
          <input
            id={id}
            name="target_tools"
            defaultValue={rule?.target_tools.join(', ')}
            aria-describedby={describedBy}
            className={controlClass}
          />
        )}
      </Field>
      <div className="md:col-span-2">
        <Field label="Pattern" hint="A regular expression over the call and each text in it">
          {(id, describedBy) => (
            <input
              id={id}
              name="pattern"
              maxLength={1000}
              spellCheck={false}
              defaultValue={rule?.pattern ?? ''}
              aria-describedby={describedBy}
              className={controlClass}
            />
          )}
        </Field>
      </div>
      <div className="flex flex-col gap-3 md:col-span-3">
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
