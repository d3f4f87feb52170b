import { Markdown } from '@/components/markdown'
import { sentence } from '@/lib/format'
import { Badge, type Tone } from '@/ui/badge'
import { Icon, type IconName } from '@/ui/icon'
import { Notice } from '@/ui/notice'
import type { NoteEvent, Part } from './assemble'
import { StructuredText } from './structured'
import { ToolCall } from './tool-call'

interface TranscriptProps {
  parts: readonly Part[]
  live: boolean
  /** Texts may be the typed replies of pipeline stages. */
  structured?: boolean
}

export function TranscriptParts({ parts, live, structured = false }: TranscriptProps) {
  return parts.map((part) => (
    <PartView key={part.key} part={part} live={live} structured={structured} />
  ))
}

function PartView({ part, live, structured }: { part: Part; live: boolean; structured: boolean }) {
  switch (part.kind) {
    case 'text':
      return structured ? <StructuredText text={part.text} /> : <Markdown text={part.text} />
    case 'tool':
      return <ToolCall call={part} live={live} />
    case 'heading':
      return (
        <h3 className="mt-4 mb-2 flex items-center gap-3 font-semibold first:mt-0">
          {part.text}
          <span className="h-px min-w-4 flex-1 bg-line" aria-hidden="true" />
        </h3>
      )
    case 'note':
      return <Note event={part.event} />
  }
}

function Note({ event }: { event: NoteEvent }) {
  switch (event.type) {
    case 'error':
      // A person's own wish is no failure.
      if (event.code === 'cancelled') return <Line icon="stop">{event.detail}</Line>
      return <Notice>{event.detail}</Notice>
    case 'stage':
      return <StageLine event={event} />
    case 'status':
      return <Line icon="clock">{sentence(event.status)}</Line>
    case 'finding':
      return (
        <Line icon="alert" badge={{ tone: severityTone(event.severity), text: event.severity }}>
          {event.title} <span className="text-faint">({sentence(event.category)})</span>
        </Line>
      )
    case 'verdict':
      return (
        <Line
          icon="check"
          badge={{ tone: verdictTone(event.verdict), text: sentence(event.verdict) }}
        >
          {sentence(event.stage)}: {event.summary}
        </Line>
      )
    case 'artifact':
      return (
        <Line icon="file">
          Artifact: {event.name} <span className="text-faint">({sentence(event.kind)})</span>
        </Line>
      )
  }
}

function StageLine({ event }: { event: Extract<NoteEvent, { type: 'stage' }> }) {
  const round = (event.round ?? 1) > 1 ? `, round ${event.round}` : ''
  const icon: IconName =
    event.status === 'completed' ? 'check' : event.status === 'failed' ? 'cross' : 'dash'
  return (
    <Line icon={icon}>
      {sentence(event.stage)}
      {round} {event.status}
      {event.detail ? `: ${event.detail}` : ''}
    </Line>
  )
}

function Line({
  icon,
  badge,
  children,
}: {
  icon: IconName
  badge?: { tone: Tone; text: string }
  children: React.ReactNode
}) {
  return (
    <p className="my-1.5 flex items-start gap-2 text-[0.8125rem] text-muted">
      <Icon name={icon} className="mt-0.5 text-faint" />
      <span className="min-w-0 [overflow-wrap:anywhere]">{children}</span>
      {badge !== undefined && <Badge tone={badge.tone}>{badge.text}</Badge>}
    </p>
  )
}

const SEVERITIES: Record<string, Tone> = { critical: 'bad', high: 'bad', medium: 'warn' }
const VERDICTS: Record<string, Tone> = {
  pass: 'ok',
  passed: 'ok',
  approve: 'ok',
  clear: 'ok',
  needs_refactor: 'warn',
  reject: 'bad',
  block: 'bad',
  blocked: 'bad',
}

export function severityTone(severity: string): Tone {
  return SEVERITIES[severity] ?? 'neutral'
}

export function verdictTone(verdict: string): Tone {
  return VERDICTS[verdict] ?? 'neutral'
}
