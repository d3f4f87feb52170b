/** Makes headings out of a pipeline's stage events, and leaves out what they say already. */
import { sentence } from '@/lib/format'
import type { NoteEvent, Part } from './assemble'

type StageEvent = Extract<NoteEvent, { type: 'stage' }>

export function groupStages(parts: readonly Part[]): Part[] {
  const grouped: Part[] = []
  const inParallel = new Set<string>()
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index]
    if (part === undefined || isRedundant(part, inParallel)) continue
    const started = startedTogether(parts, index)
    if (started.length === 0) {
      grouped.push(part)
      continue
    }
    if (started.length > 1) for (const { stage } of started) inParallel.add(stage)
    grouped.push({ kind: 'heading', key: part.key, text: started.map(title).join(', ') })
    index += started.length - 1
  }
  return grouped
}

/** The stages whose starts stand here side by side: more than one run in parallel. */
function startedTogether(parts: readonly Part[], from: number): StageEvent[] {
  const started: StageEvent[] = []
  for (const part of parts.slice(from)) {
    const event = stageOf(part)
    if (event?.status !== 'started') break
    started.push(event)
  }
  return started
}

function isRedundant(part: Part, inParallel: ReadonlySet<string>): boolean {
  if (part.kind !== 'note') return false
  const { event } = part
  // The headings say which stage runs.
  if (event.type === 'status') return event.status.endsWith('_running')
  // The next heading says that the last stage is over, unless several share one.
  if (event.type !== 'stage' || event.status !== 'completed') return false
  return !event.detail && !inParallel.has(event.stage)
}

function stageOf(part: Part): StageEvent | null {
  return part.kind === 'note' && part.event.type === 'stage' ? part.event : null
}

function title({ stage, round }: StageEvent): string {
  return (round ?? 1) > 1 ? `${sentence(stage)}, round ${round}` : sentence(stage)
}
