import { Markdown } from '@/components/markdown'
import { sentence } from '@/lib/format'

/** A stage's reply: roles answer with a JSON object, which a person reads better as a list. */
export function StructuredText({ text }: { text: string }) {
  const reply = parseObject(text)
  if (reply !== null) return <Fields fields={reply} />
  // An object of which the end has not come yet.
  if (text.trimStart().startsWith('{')) {
    return (
      <p className="my-2 whitespace-pre-wrap font-mono text-muted text-xs [overflow-wrap:anywhere]">
        {text}
      </p>
    )
  }
  return <Markdown text={text} />
}

function Fields({ fields }: { fields: Record<string, unknown> }) {
  const shown = Object.entries(fields).filter(([, value]) => !isEmpty(value))
  return (
    <dl className="my-2 flex flex-col gap-2">
      {shown.map(([name, value]) => (
        <div key={name}>
          <dt className="text-faint text-xs">{sentence(name)}</dt>
          <dd>
            <Value value={value} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Value({ value }: { value: unknown }) {
  if (typeof value === 'string') return <Markdown text={value} />
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return (
      <ul className="list-disc pl-5">
        {[...new Set<string>(value)].map((item) => (
          <li key={item} className="[overflow-wrap:anywhere]">
            {item}
          </li>
        ))}
      </ul>
    )
  }
  if (typeof value === 'number') return String(value)
  return (
    <pre className="overflow-x-auto whitespace-pre-wrap rounded-md bg-sunken p-2 font-mono text-xs [overflow-wrap:anywhere]">
      {JSON.stringify(value, null, 2)}
    </pre>
  )
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

function parseObject(text: string): Record<string, unknown> | null {
  const trimmed = text.trim()
  if (!(trimmed.startsWith('{') && trimmed.endsWith('}'))) return null
  try {
    return JSON.parse(trimmed) as Record<string, unknown>
  } catch {
    return null
  }
}
