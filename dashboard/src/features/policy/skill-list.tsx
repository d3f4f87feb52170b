import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { skillsQuery, useDeleteSkill, useUpdateSkill } from '@/api/policy'
import type { Skill } from '@/api/types'
import { Listing } from '@/components/listing'
import { Row } from '@/components/row'
import { PolicyActions, StateBadges } from '@/components/row-actions'
import { SkillForm } from './skill-form'

export function SkillList() {
  const { data } = useSuspenseQuery(skillsQuery)
  return (
    <Listing
      items={data.skills}
      total={data.total}
      empty={{
        icon: 'file',
        title: 'No skills yet',
        text: 'A skill is a text that agents find in their instructions.',
      }}
    >
      {(skill) => <SkillRow key={skill.id} skill={skill} />}
    </Listing>
  )
}

function SkillRow({ skill }: { skill: Skill }) {
  const [editing, setEditing] = useState(false)
  const update = useUpdateSkill(skill.id)
  const remove = useDeleteSkill(skill.id)
  return (
    <Row
      name={skill.name}
      badge={<StateBadges enabled={skill.enabled} system={skill.is_system} />}
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
        <PolicyActions
          open={editing}
          onToggle={() => setEditing(!editing)}
          enabled={skill.enabled}
          system={skill.is_system}
          switching={update.isPending}
          onSwitch={(enabled) => update.mutate({ enabled })}
          removal={remove}
        />
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
