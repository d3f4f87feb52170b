import { type ReactNode, useState } from 'react'
import { useCreateRule, useCreateSkill } from '@/api/policy'
import { Boundary } from '@/components/boundary'
import { Page } from '@/components/page'
import { Button } from '@/ui/button'
import { Card, CardHeader } from '@/ui/card'
import { RuleForm } from './rule-form'
import { RuleList } from './rule-list'
import { SkillForm } from './skill-form'
import { SkillList } from './skill-list'

export function PolicyPage() {
  const createRule = useCreateRule()
  const createSkill = useCreateSkill()
  return (
    <Page title="Rules & skills">
      <Part
        title="Rules"
        action="New rule"
        list={<RuleList />}
        form={(done) => (
          <RuleForm
            label="New rule"
            action="Create rule"
            busy={createRule.isPending}
            error={createRule.error}
            onSend={(rule) => createRule.mutate(rule, { onSuccess: done })}
          />
        )}
      />
      <Part
        title="Skills"
        action="New skill"
        list={<SkillList />}
        form={(done) => (
          <SkillForm
            label="New skill"
            action="Create skill"
            busy={createSkill.isPending}
            error={createSkill.error}
            onSend={(skill) => createSkill.mutate(skill, { onSuccess: done })}
          />
        )}
      />
    </Page>
  )
}

function Part({
  title,
  action,
  list,
  form,
}: {
  title: string
  action: string
  list: ReactNode
  form: (done: () => void) => ReactNode
}) {
  const [making, setMaking] = useState(false)
  return (
    <Card className="overflow-hidden">
      <CardHeader title={title}>
        <Button aria-expanded={making} onClick={() => setMaking(!making)}>
          {making ? 'Close' : action}
        </Button>
      </CardHeader>
      {making && <div className="border-b p-4">{form(() => setMaking(false))}</div>}
      <Boundary>{list}</Boundary>
    </Card>
  )
}
