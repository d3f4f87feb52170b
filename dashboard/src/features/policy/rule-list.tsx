import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { rulesQuery, useDeleteRule, useUpdateRule } from '@/api/policy'
import type { Rule } from '@/api/types'
import { Listing } from '@/components/listing'
import { Row } from '@/components/row'
import { PolicyActions, StateBadges } from '@/components/row-actions'
import { Button } from '@/ui/button'
import { RuleForm } from './rule-form'
import { RuleTester } from './rule-tester'

const ACTIONS: Record<Rule['action'], string> = {
  block: 'blocks the call',
  warn: 'notes the call',
  require_approval: 'asks a person first',
}

export function RuleList() {
  const { data } = useSuspenseQuery(rulesQuery)
  return (
    <Listing
      items={data.rules}
      total={data.total}
      empty={{
        icon: 'shield',
        title: 'No rules yet',
        text: 'A rule checks what agents do with their tools.',
      }}
    >
      {(rule) => <RuleRow key={rule.id} rule={rule} />}
    </Listing>
  )
}

function RuleRow({ rule }: { rule: Rule }) {
  const [open, setOpen] = useState<'edit' | 'test' | null>(null)
  const update = useUpdateRule(rule.id)
  const remove = useDeleteRule(rule.id)
  return (
    <Row
      name={rule.name}
      badge={<StateBadges enabled={rule.enabled} system={rule.is_system} />}
      text={rule.rule_text}
      error={remove.error ?? (open === 'edit' ? null : update.error)}
      facts={<RuleFacts rule={rule} />}
      actions={
        <>
          <Button aria-expanded={open === 'test'} onClick={() => setOpen(toggled(open, 'test'))}>
            Test
          </Button>
          <PolicyActions
            open={open === 'edit'}
            onToggle={() => setOpen(toggled(open, 'edit'))}
            enabled={rule.enabled}
            system={rule.is_system}
            switching={update.isPending}
            onSwitch={(enabled) => update.mutate({ enabled })}
            removal={remove}
          />
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
