import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { skillsQuery, useDeleteSkill, useUpdateSkill } from '@/api/policy'
import type { Skill } from '@/api/types'
import { ConfirmButton } from '@/components/confirm-button'
import { More, Row } from '@/components/row'
import { Badge } from '@/ui/badge'
import { Button } from '@/ui/button'
import { Empty } from '@/ui/notice'
import { SkillForm } from './skill-form'

export function SkillList() {
  const { data } = useSuspenseQuery(skillsQuery)
  if (data.skills.length === 0) {
    return (
      <Empty icon="file" title="No skills yet">
        A skill is a text that agents find in their instructions.
      </Empty>
    )
  }
  return (
    <>
      <ul className="divide-y">
        {data.skills.map((skill) => (
          <SkillRow key={skill.id} skill={skill} />
        ))}
      </ul>
      <More shown={data.skills.length} total={data.total} />
    </>
  )
}

function SkillRow({ skill }: { skill: Skill }) {
  const [editing, setEditing] = useState(false)
  const update = useUpdateSkill(skill.id)
  const remove = useDeleteSkill(skill.id)
  return (
    <Row
      name={skill.name}
      badge={
        <>
          <Badge tone={skill.enabled ? 'ok' : 'neutral'}>{skill.enabled ? 'On' : 'Off'}</Badge>
          {skill.is_system && <Badge tone="neutral">System</Badge>}
        </>
      }
      text={skill.description || skill.content}
      error={remove.error ?? (editing ? null : update.error)}
      facts={
        <>
          <span>
            {skill.scope === 'global' ? 'for everybody' : `for some ${skill.scope}s only`}
          </span>
          <span>priority {skill.priority}</span>
          {skill.parameters.length > 0 && (
            <span>takes {skill.parameters.map(({ name }) => name).join(', ')}</span>
          )}
        </>
      }
      actions={
        <>
          <Button aria-expanded={editing} onClick={() => setEditing(!editing)}>
            {editing ? 'Close' : 'Edit'}
          </Button>
          <Button
            busy={update.isPending}
            onClick={() => update.mutate({ enabled: !skill.enabled })}
          >
            {skill.enabled ? 'Turn off' : 'Turn on'}
          </Button>
          {skill.is_system ? (
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
      {editing && (
        <SkillForm
          label={`Edit ${skill.name}`}
          action="Save"
          skill={skill}
          busy={update.isPending}
          error={update.error}
          onSend={(given) => update.mutate(given, { onSuccess: () => setEditing(false) })}
        />
      )}
    </Row>
  )
}
