import type { CreateRule, Rule } from '@/api/types'
import { type Entries, EntryForm } from '@/components/entry-form'
import { controlClass, Field, TextField } from '@/ui/field'
import { Choice } from './choice'
import { ScopeFields } from './scope-fields'

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
  return (
    <EntryForm
      label={label}
      action={action}
      busy={busy}
      error={error}
      columns={3}
      onSend={(entries) => onSend(ruleIn(entries, rule))}
    >
      <TextField
        label="Name"
        hint={rule?.is_system ? 'Shipped with Nova; the name stays' : 'Optional'}
        name="name"
        maxLength={100}
        disabled={rule?.is_system ?? false}
        defaultValue={rule?.name}
      />
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
      <TextField
        label="Tools"
        hint="Names or globs; none means every tool"
        name="target_tools"
        defaultValue={rule?.target_tools.join(', ')}
      />
      <div className="md:col-span-2">
        <TextField
          label="Pattern"
          hint="A regular expression over the call and each text in it"
          name="pattern"
          maxLength={1000}
          spellCheck={false}
          defaultValue={rule?.pattern ?? ''}
        />
      </div>
      <ScopeFields scope={rule?.scope} podIds={rule?.pod_ids} agentIds={rule?.agent_ids} />
    </EntryForm>
  )
}

function ruleIn(entries: Entries, rule: Rule | undefined): CreateRule {
  return {
    name: rule?.is_system ? rule.name : entries.text('name') || null,
    rule_text: entries.text('rule_text'),
    enforcement: entries.text('enforcement') as Rule['enforcement'],
    action: entries.text('action') as Rule['action'],
    severity: entries.text('severity') as Rule['severity'],
    pattern: entries.text('pattern') || null,
    target_tools: entries
      .text('target_tools')
      .split(/[\s,]+/)
      .filter(Boolean),
    scope: entries.text('scope') as Rule['scope'],
    pod_ids: entries.all('pod_ids'),
    agent_ids: entries.all('agent_ids'),
  }
}
