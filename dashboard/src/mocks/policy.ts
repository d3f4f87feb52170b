/** Rules and skills: made, changed, tried and deleted. */
import type { CreateRule, CreateSkill, Rule, Skill } from '@/api/types'
import { makeId, minutesAgo } from './data'
import { type Handler, json, type MockContext, problem } from './state'

const RULES = '/api/v1/rules'
const SKILLS = '/api/v1/skills'

export function rule(given: Partial<Rule> = {}): Rule {
  return {
    id: makeId(),
    name: 'no-pay',
    description: '',
    rule_text: 'Pay nobody.',
    enforcement: 'hard',
    pattern: 'pay',
    detector: null,
    target_tools: [],
    action: 'block',
    scope: 'global',
    pod_ids: [],
    agent_ids: [],
    severity: 'critical',
    enabled: true,
    is_system: false,
    created_at: minutesAgo(900),
    updated_at: minutesAgo(900),
    ...given,
  }
}

export function skill(given: Partial<Skill> = {}): Skill {
  return {
    id: makeId(),
    name: 'polite',
    description: '',
    content: 'Be kind to {{who}}.',
    scope: 'global',
    parameters: [{ name: 'who', description: '', required: true, default: 'all' }],
    category: '',
    priority: 0,
    enabled: true,
    is_system: false,
    pod_ids: [],
    agent_ids: [],
    created_at: minutesAgo(900),
    updated_at: minutesAgo(900),
    ...given,
  }
}

export class PolicyMock {
  private readonly backend: MockContext

  constructor(backend: MockContext) {
    this.backend = backend
  }

  routes(): [string, Handler][] {
    const { state } = this.backend
    return [
      [`GET ${RULES}`, () => json(state.rules)],
      [`POST ${RULES}`, async ({ request }) => this.createRule(await request.json())],
      [`POST ${RULES}/*/test`, async ({ request, ids }) => this.test(ids[0], await request.text())],
      [`PATCH ${RULES}/*`, async ({ request, ids }) => changed(state.rules, ids[0], request)],
      [`DELETE ${RULES}/*`, ({ ids }) => deleted(state.rules, ids[0])],
      [`GET ${SKILLS}`, () => json(state.skills)],
      [`POST ${SKILLS}`, async ({ request }) => this.createSkill(await request.json())],
      [`PATCH ${SKILLS}/*`, async ({ request, ids }) => changed(state.skills, ids[0], request)],
      [`DELETE ${SKILLS}/*`, ({ ids }) => deleted(state.skills, ids[0])],
    ]
  }

  private createRule({ name, ...given }: CreateRule): Response {
    if (given.pattern === '(') {
      return problem(422, 'bad_pattern', 'pattern: not a regular expression: missing )')
    }
    const made = rule({ ...given, name: name ?? 'rule-1234' })
    this.backend.state.rules.unshift(made)
    return json(made, 201)
  }

  private createSkill(given: CreateSkill): Response {
    const made = skill(given as Partial<Skill>)
    this.backend.state.skills.unshift(made)
    return json(made, 201)
  }

  private test(id: string | undefined, body: string): Response {
    const found = this.backend.state.rules.find((one) => one.id === id)
    const matches = body.includes(found?.pattern ?? 'rm -rf')
    return json({
      matches,
      action: matches ? found?.action : null,
      matched_text: matches ? (found?.pattern ?? 'rm -rf') : null,
      detail: matches ? 'It matches.' : 'It does not match.',
    })
  }
}

async function changed(
  list: { id: string }[],
  id: string | undefined,
  request: Request,
): Promise<Response> {
  const found = list.find((one) => one.id === id)
  if (found === undefined) return problem(404, 'unknown', `There is no ${id}.`)
  return json(Object.assign(found, await request.json()))
}

function deleted(list: { id: string }[], id: string | undefined): Response {
  list.splice(
    list.findIndex((one) => one.id === id),
    1,
  )
  return new Response(null, { status: 204 })
}
