/** Rules and skills: what agents may not do, and what they are told. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { dataOf, orchestrator, totalOf } from './client'
import type { CreateRule, CreateSkill, RulePatch, RuleTest, SkillPatch } from './types'

/** The most that a list gives at once. */
const LIMIT = 200

const policyKeys = { all: ['policy'] as const }

export const rulesQuery = queryOptions({
  queryKey: [...policyKeys.all, 'rules'],
  queryFn: async ({ signal }) => {
    const result = await orchestrator.GET('/api/v1/rules', {
      params: { query: { limit: LIMIT } },
      signal,
    })
    const rules = dataOf(result)
    return { rules, total: totalOf(result.response) ?? rules.length }
  },
})

export const skillsQuery = queryOptions({
  queryKey: [...policyKeys.all, 'skills'],
  queryFn: async ({ signal }) => {
    const result = await orchestrator.GET('/api/v1/skills', {
      params: { query: { limit: LIMIT } },
      signal,
    })
    const skills = dataOf(result)
    return { skills, total: totalOf(result.response) ?? skills.length }
  },
})

function useChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: policyKeys.all }),
  })
}

export function useCreateRule() {
  return useChange(async (body: CreateRule) =>
    dataOf(await orchestrator.POST('/api/v1/rules', { body })),
  )
}

export function useUpdateRule(id: string) {
  return useChange(async (body: RulePatch) =>
    dataOf(
      await orchestrator.PATCH('/api/v1/rules/{rule_id}', {
        params: { path: { rule_id: id } },
        body,
      }),
    ),
  )
}

export function useDeleteRule(id: string) {
  return useChange(() =>
    orchestrator.DELETE('/api/v1/rules/{rule_id}', { params: { path: { rule_id: id } } }),
  )
}

/** Tries the rule; changes nothing. */
export function useTestRule(id: string) {
  return useMutation({
    mutationFn: async (body: RuleTest) =>
      dataOf(
        await orchestrator.POST('/api/v1/rules/{rule_id}/test', {
          params: { path: { rule_id: id } },
          body,
        }),
      ),
  })
}

export function useCreateSkill() {
  return useChange(async (body: CreateSkill) =>
    dataOf(await orchestrator.POST('/api/v1/skills', { body })),
  )
}

export function useUpdateSkill(id: string) {
  return useChange(async (body: SkillPatch) =>
    dataOf(
      await orchestrator.PATCH('/api/v1/skills/{skill_id}', {
        params: { path: { skill_id: id } },
        body,
      }),
    ),
  )
}

export function useDeleteSkill(id: string) {
  return useChange(() =>
    orchestrator.DELETE('/api/v1/skills/{skill_id}', { params: { path: { skill_id: id } } }),
  )
}
