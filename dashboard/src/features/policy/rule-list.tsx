import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { rulesQuery, useDeleteRule, useUpdateRule } from '@/api/policy'
import type { Rule } from '@/api/types'
import { ConfirmButton } from '@/components/confirm-button'
import { More, Row } from '@/components/row'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Empty } from '@/ui/notice'
import { RuleForm } from './rule-form'
import { RuleTester } from './rule-tester'

const ACTIONS: Record<Rule['action'], string> = {
  block: 'blocks the call',
  warn: 'notes the call',
  require_approval: 'asks a person first',
}

export function RuleList() {
  const { data } = useSuspenseQuery(rulesQuery)
  if (data.rules.length === 0) {
    return (
      <Empty icon="shield" title="No rules yet">
        A rule checks what agents do with their tools.
      </Empty>
    )
  }
  return (
    <>
      <ul className="divide-y">
        {data.rules.map((rule) => (
          <RuleRow key={rule.id} rule={rule} />
        ))}
      </ul>
      <More shown={data.rules.length} total={data.total} />
    </>
  )
}

function RuleRow({ rule }: { rule: Rule }) {
  const [open, setOpen] = useState<'edit' | 'test' | null>(null)
  const update = useUpdateRule(rule.id)
  const remove = useDeleteRule(rule.id)
  return (
    <Row
      name={rule.name}
      badge={
        <>
          <Badge tone={rule.enabled ? 'ok' : 'neutral'}>{rule.enabled ? 'On' : 'Off'}</Badge>
          {rule.is_system && <Badge tone="neutral">System</Badge>}
        </>
      }
      text={rule.rule_text}
      error={remove.error ?? (open === 'edit' ? null : update.error)}
      facts={<RuleFacts rule={rule} />}
      actions={
        <>
          <Button aria-expanded={open === 'test'} onClick={() => setOpen(toggled(open, 'test'))}>
            Test
          </Button>
          <Button aria-expanded={open === 'edit'} onClick={() => setOpen(toggled(open, 'edit'))}>
            {open === 'edit' ? 'Close' : 'Edit'}
          </Button>
          <Button busy={update.isPending} onClick={() => update.mutate({ enabled: !rule.enabled })}>
            {rule.enabled ? 'Turn off' : 'Turn on'}
          </Button>
          {rule.is_system ? (
            <Button kind="danger" reason="It ships with Nova; turn it off instead">
              Delete
            </Button>
          ) : (
            <ConfirmButton
              label="Delete"
              question="Delete it?"
              busy={remove.isPending}
              onConfirm={() => remove.mutate(undefined)}
            />
          )}
        </>
      }
    >
      {open === 'test' && <RuleTester rule={rule} />}
      {open === 'edit' && (
        <RuleForm
          label={`Edit ${rule.name}`}
          action="Save"
          rule={rule}
          busy={update.isPending}
          error={update.error}
          onSend={(given) => update.mutate(given, { onSuccess: () => setOpen(null) })}
        />
      )}
    </Row>
  )
}

function RuleFacts({ rule }: { rule: Rule }) {
  return (
    <>
      <span>{rule.enforcement === 'soft' ? 'told to the models' : ACTIONS[rule.action]}</span>
      <span>severity {rule.severity}</span>
      <span>{rule.target_tools.length === 0 ? 'every tool' : rule.target_tools.join(', ')}</span>
      {rule.scope !== 'global' && (
        <span>for some {rule.scope === 'pod' ? 'pods' : 'agents'} only</span>
      )}
      {rule.detector !== null && <span>built-in check</span>}
      {rule.pattern !== null && <code className="[overflow-wrap:anywhere]">{rule.pattern}</code>}
    </>
  )
}

function toggled(open: 'edit' | 'test' | null, part: 'edit' | 'test') {
  return open === part ? null : part
}
