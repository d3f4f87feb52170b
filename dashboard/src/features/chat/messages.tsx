import { Fragment, useMemo } from 'react'
import type { ChatMessage } from '@/api/types'
import { Markdown } from '@/components/markdown'
import { assemble, type ToolPart, type Transcript } from '@/components/transcript/assemble'
import { ToolCall } from '@/components/transcript/tool-call'
import { TranscriptParts } from '@/components/transcript/transcript'
import { formatCost, formatCount } from '@/lib/format'
import { Logo } from '@/ui/icon'
import { Notice } from '@/ui/notice'
import type { Turn } from './turns'

export function Messages({
  messages,
  turn,
  runningTaskId,
}: {
  messages: readonly ChatMessage[]
  turn: Turn | null
  runningTaskId: string | null
}) {
  const live = new Set<string | null | undefined>([turn?.taskId, runningTaskId])
  const has = (role: ChatMessage['role']) =>
    messages.some((one) => one.role === role && one.task_id === turn?.taskId)
  return (
    <div className="mx-auto flex w-full max-w-3xl flex-col gap-6 px-4 py-6">
      {messages.map((message, index) => (
        <Fragment key={message.id}>
          {turn !== null && tellsMore(turn, message) ? (
            <LiveAnswer turn={turn} />
          ) : (
            <StoredMessage message={message} />
          )}
          {isUnanswered(message, messages[index + 1]) && !live.has(message.task_id) && (
            <p className="text-faint text-xs">
              This message got no answer: it was stopped, or it failed.
            </p>
          )}
        </Fragment>
      ))}
      {turn !== null && !has('user') && turn.text !== null && <Question text={turn.text} />}
      {turn !== null && !has('assistant') && <LiveAnswer turn={turn} />}
    </div>
  )
}

function isUnanswered(message: ChatMessage, next: ChatMessage | undefined): boolean {
  return message.role === 'user' && next?.role !== 'assistant'
}

/** An answer that was watched has its tools' results, cost and errors; the stored one may not. */
function tellsMore(turn: Turn, message: ChatMessage): boolean {
  return message.role === 'assistant' && message.task_id === turn.taskId && turn.error === null
}

function StoredMessage({ message }: { message: ChatMessage }) {
  if (message.role === 'user') return <Question text={message.content} />
  return (
    <Answer>
      {(message.tool_calls ?? []).map((call, index) => (
        <ToolCall
          key={`${message.id}-${String(call['id'] ?? index)}`}
          call={storedCall(call)}
          live={false}
        />
      ))}
      <Markdown text={message.content} />
    </Answer>
  )
}

function Question({ text }: { text: string }) {
  return (
    <div className="ml-auto max-w-[85%] whitespace-pre-wrap rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 [overflow-wrap:anywhere]">
      {text}
    </div>
  )
}

function Answer({ children }: { children: React.ReactNode }) {
  return (
    <article aria-label="Nova's answer" className="flex gap-3">
      <Logo className="mt-0.5 size-6" />
      <div className="min-w-0 flex-1">{children}</div>
    </article>
  )
}

function LiveAnswer({ turn }: { turn: Turn }) {
  const { parts, usage } = useMemo(() => withoutStatus(assemble(turn.entries)), [turn.entries])
  const tokens = usage === null ? 0 : usage.input_tokens + usage.output_tokens
  const live = turn.phase !== 'ended'
  return (
    <Answer>
      <TranscriptParts parts={parts} live={live} />
      {live && <Progress phase={turn.phase} empty={parts.length === 0} />}
      {turn.error !== null && <Notice>{turn.error}</Notice>}
      {usage !== null && tokens > 0 && (
        <p className="mt-2 text-faint text-xs">
          {formatCount(tokens)} tokens,{' '}
          {usage.cost_usd === null ? 'cost unknown' : formatCost(usage.cost_usd)}
        </p>
      )}
    </Answer>
  )
}

/** A chat shows what is said and done; the machinery's states are for the page of a task. */
function withoutStatus({ parts, usage }: Transcript): Pick<Transcript, 'parts' | 'usage'> {
  return {
    parts: parts.filter((part) => part.kind !== 'note' || part.event.type !== 'status'),
    usage,
  }
}

const PROGRESS = {
  streaming: 'Thinking…',
  reconnecting: 'Connection lost, reconnecting…',
  stopping: 'Stopping…',
  ended: '',
} as const

function Progress({ phase, empty }: { phase: Turn['phase']; empty: boolean }) {
  const text = phase === 'streaming' && !empty ? '' : PROGRESS[phase]
  return (
    <p role="status" className="flex h-6 items-center gap-2 text-muted">
      <span
        aria-hidden="true"
        className="size-2 motion-safe:animate-pulse rounded-full bg-accent"
      />
      {text}
    </p>
  )
}

/** A call as it was stored; what it lacks is shown as missing, never made up. */
function storedCall(call: Record<string, unknown>): ToolPart {
  const given = call['arguments']
  const known = typeof call['ok'] === 'boolean'
  return {
    kind: 'tool',
    key: String(call['id'] ?? ''),
    id: String(call['id'] ?? ''),
    name: String(call['name'] ?? 'tool'),
    arguments:
      typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {},
    result: known ? { ok: call['ok'] === true, summary: String(call['summary'] ?? '') } : null,
  }
}
