// Writes src/api/generated/: one file of types for each document in openapi/. With --check it
// writes nothing and fails if a file would change.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'

const root = new URL('..', import.meta.url)
const check = process.argv.includes('--check')
const HEADER = '// Made by `npm run generate` out of openapi/; never edited by hand.\n\n'

const names = (await readdir(new URL('openapi/', root))).filter((name) => name.endsWith('.json'))
const stale = []
for (const name of names.sort()) {
  const ast = await openapiTS(new URL(`openapi/${name}`, root), {
    // A field with a default may be left out of a request; an answer always has it.
    defaultNonNullable: false,
    alphabetize: true,
  })
  const target = new URL(`src/api/generated/${name.replace('.json', '.ts')}`, root)
  const text = HEADER + astToString(ast)
  const before = await readFile(target, 'utf8').catch(() => '')
  if (before === text) continue
  stale.push(fileURLToPath(target))
  if (!check) await writeFile(target, text)
}
if (check && stale.length > 0) {
  process.stderr.write(`out of date, run npm run generate:\n${stale.join('\n')}\n`)
  process.exit(1)
}
