import { Badge } from '@/ui/badge'
import { Icon } from '@/ui/icon'
import { Spinner } from '@/ui/spinner'
import type { ToolPart } from './assemble'

/** One call: its name and gist in a line, arguments and result when opened. */
export function ToolCall({ call, live }: { call: ToolPart; live: boolean }) {
  return (
    <details className="group my-2 rounded-lg first:mt-0 border bg-surface text-[0.8125rem]">
      <summary className="flex min-w-0 list-none items-center gap-2 rounded-lg px-3 py-2 hover:bg-raised">
        <Icon name="tool" className="text-faint" />
        <code className="shrink-0 font-medium font-mono">{call.name}</code>
        <span className="min-w-0 flex-1 truncate text-muted">{gist(call.arguments)}</span>
        <State call={call} live={live} />
        <Icon
          name="chevron"
          className="size-3.5 text-faint motion-safe:transition-transform group-open:rotate-90"
        />
      </summary>
      <div className="flex flex-col gap-2 border-t px-3 py-2.5">
        <Block label="Arguments" text={JSON.stringify(call.arguments, null, 2)} />
        {call.result !== null && <Block label="Result" text={call.result.summary || '(empty)'} />}
      </div>
    </details>
  )
}

function State({ call, live }: { call: ToolPart; live: boolean }) {
  if (call.result !== null) {
    return call.result.ok ? <Badge tone="ok">done</Badge> : <Badge tone="bad">failed</Badge>
  }
  if (!live) return <Badge tone="neutral">no result</Badge>
  return (
    <Badge tone="busy">
      <Spinner className="size-3" />
      running
    </Badge>
  )
}

function Block({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <p className="mb-1 text-faint text-xs">{label}</p>
      <pre className="max-h-72 overflow-auto whitespace-pre-wrap rounded-md bg-sunken p-2 font-mono text-xs [overflow-wrap:anywhere]">
        {text}
      </pre>
    </div>
  )
}

function gist(given: Record<string, unknown>): string {
  return Object.values(given)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join('  ')
    .slice(0, 200)
}
