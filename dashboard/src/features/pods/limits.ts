/** The limits that a pod has, as its form and its row show them. */
import type { Entries } from '@/components/entry-form'

export interface Limit<Name> {
  name: Name
  label: string
  hint: string
  unit: string
  /** Whether there is always one; else an empty field means that there is none. */
  required?: boolean
}

/** What the form says, as a patch: null takes a limit away. */
export function limitsIn<Name extends string>(
  limits: Limit<Name>[],
  entries: Entries,
): Partial<Record<Name, number | null>> {
  const found: Partial<Record<Name, number | null>> = {}
  for (const { name } of limits) found[name] = entries.number(name)
  return found
}

export function isMoney(name: string): boolean {
  return name.endsWith('_usd')
}
