import { type FormEvent, useState } from 'react'
import { messageOf } from '@/api/errors'
import { useTestRule } from '@/api/policy'
import type { Rule } from '@/api/types'
import { Button } from '@/ui/button'
import { controlClass, Field } from '@/ui/field'
import { Notice } from '@/ui/notice'

/** Tries the rule on a call; without a tool on the text alone. */
export function RuleTester({ rule }: { rule: Rule }) {
  const test = useTestRule(rule.id)
  const [problem, setProblem] = useState<string | null>(null)

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const tool = String(form.get('tool') ?? '').trim()
    const text = String(form.get('text') ?? '')
    setProblem(null)
    if (tool === '') {
      test.mutate({ text })
      return
    }
    const given = argumentsOf(text)
    if (given === null) setProblem('The arguments are no JSON object, as {"command": "ls"} is one.')
    else test.mutate({ tool, arguments: given })
  }

  return (
    <form
      onSubmit={send}
      aria-label={`Test ${rule.name}`}
      className="grid gap-3 rounded-lg border p-3 md:grid-cols-[12rem_1fr_auto] md:items-end"
    >
      <Field label="Tool">
        {(id) => (
          <input
            id={id}
            name="tool"
            placeholder="none: a text alone"
            defaultValue={rule.target_tools.find((name) => !name.includes('*')) ?? ''}
            className={controlClass}
          />
        )}
      </Field>
      <Field label="Arguments as JSON, or a text">
        {(id) => <input id={id} name="text" required className={controlClass} />}
      </Field>
      <Button type="submit" busy={test.isPending}>
        Try it
      </Button>
      <div className="md:col-span-3" role="status">
        {problem !== null && <Notice>{problem}</Notice>}
        {test.error !== null && <Notice>{messageOf(test.error)}</Notice>}
        {problem === null && test.data !== undefined && (
          <p className={test.data.matches ? 'text-warn' : 'text-ok'}>
            {test.data.detail}{' '}
            {test.data.matched_text !== null && (
              <code className="[overflow-wrap:anywhere]">{test.data.matched_text}</code>
            )}
          </p>
        )}
      </div>
    </form>
  )
}

function argumentsOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
