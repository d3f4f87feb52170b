/** Aliases as a person writes them: a line each, name = model. */

export function aliasText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return ''
  return Object.entries(value)
    .map(([name, target]) => `${name} = ${target}`)
    .join('\n')
}

/** The aliases of the text, or what is wrong with it. */
export function aliasesOf(text: string): Record<string, string> | string {
  const found: Record<string, string> = {}
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const at = line.indexOf('=')
    const name = line.slice(0, at).trim()
    const target = line.slice(at + 1).trim()
    if (at < 0 || name === '' || target === '') return `“${line.trim()}” is not name = model.`
    found[name] = target
  }
  return found
}
