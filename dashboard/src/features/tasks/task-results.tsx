import { useSuspenseQuery } from '@tanstack/react-query'
import { artifactsQuery, findingsQuery, isTerminal, reviewsQuery } from '@/api/tasks'
import type { Artifact, CodeReview, Finding, PipelineTaskDetail } from '@/api/types'
import { Markdown } from '@/components/markdown'
import { Ago } from '@/components/times'
import { severityTone, verdictTone } from '@/components/transcript/transcript'
import { sentence } from '@/lib/format'
import { Badge } from '@/ui/badge'
import { Empty } from '@/ui/notice'

export function Output({ task }: { task: PipelineTaskDetail }) {
  if (task.output === null || task.output === '') {
    return (
      <Empty icon="file" title={isTerminal(task.status) ? 'There is no output' : 'No output yet'}>
        {isTerminal(task.status) ? undefined : 'It appears when the task is complete.'}
      </Empty>
    )
  }
  return (
    <div className="p-4">
      <Markdown text={task.output} />
    </div>
  )
}

export function Findings({ taskId }: { taskId: string }) {
  const { data } = useSuspenseQuery(findingsQuery(taskId))
  if (data.length === 0) {
    return (
      <Empty icon="check" title="No findings">
        The guardrail has found no credential, personal data or injection.
      </Empty>
    )
  }
  return (
    <ul className="divide-y">
      {data.map((finding) => (
        <FindingItem key={finding.id} finding={finding} />
      ))}
    </ul>
  )
}

function FindingItem({ finding }: { finding: Finding }) {
  return (
    <li className="flex flex-col gap-1 px-4 py-3">
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone={severityTone(finding.severity)}>{sentence(finding.severity)}</Badge>
        <span className="font-medium">{finding.title}</span>
      </p>
      {finding.evidence !== '' && (
        <p className="font-mono text-muted text-xs [overflow-wrap:anywhere]">{finding.evidence}</p>
      )}
      <p className="flex flex-wrap gap-x-3 text-faint text-xs">
        <span>{sentence(finding.category)}</span>
        <span>in {sentence(finding.stage).toLowerCase()}</span>
        <span>found by {finding.scanner}</span>
        <Ago at={finding.created_at} />
      </p>
    </li>
  )
}

export function Reviews({ taskId }: { taskId: string }) {
  const { data } = useSuspenseQuery(reviewsQuery(taskId))
  if (data.length === 0) {
    return (
      <Empty icon="check" title="No reviews yet">
        Each round of the code review is listed here.
      </Empty>
    )
  }
  return (
    <ul className="divide-y">
      {data.map((review) => (
        <ReviewItem key={review.id} review={review} />
      ))}
    </ul>
  )
}

function ReviewItem({ review }: { review: CodeReview }) {
  return (
    <li className="flex flex-col gap-1 px-4 py-3">
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone={verdictTone(review.verdict)}>{sentence(review.verdict)}</Badge>
        <span className="text-faint text-xs">
          Round {review.round}, <Ago at={review.created_at} />
        </span>
      </p>
      <Markdown text={review.summary} />
      {review.issues.length > 0 && (
        <ul className="list-disc pl-5 text-muted">
          {review.issues.map((issue) => (
            <li key={JSON.stringify(issue)} className="[overflow-wrap:anywhere]">
              {issueText(issue)}
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

/** Reviewers write an issue as a sentence or as an object of such; both are shown whole. */
function issueText(issue: unknown): string {
  if (typeof issue === 'string') return issue
  if (typeof issue !== 'object' || issue === null) return String(issue)
  return Object.entries(issue)
    .filter(([, value]) => value !== null && value !== '')
    .map(
      ([name, value]) =>
        `${sentence(name)}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    )
    .join('. ')
}

export function Artifacts({ taskId }: { taskId: string }) {
  const { data } = useSuspenseQuery(artifactsQuery(taskId))
  if (data.length === 0) {
    return (
      <Empty icon="file" title="No artifacts">
        Documents, diagrams and decisions that stages produce are kept here.
      </Empty>
    )
  }
  return (
    <ul className="divide-y">
      {data.map((artifact) => (
        <ArtifactItem key={artifact.id} artifact={artifact} />
      ))}
    </ul>
  )
}

function ArtifactItem({ artifact }: { artifact: Artifact }) {
  return (
    <li>
      <details className="group">
        <summary className="flex list-none flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3 hover:bg-raised">
          <span className="font-medium [overflow-wrap:anywhere]">{artifact.name}</span>
          <Badge tone="neutral">{sentence(artifact.kind)}</Badge>
          <span className="text-faint text-xs">
            from {sentence(artifact.stage).toLowerCase()}, <Ago at={artifact.created_at} />
          </span>
        </summary>
        <pre className="mx-4 mb-4 max-h-[32rem] overflow-auto whitespace-pre-wrap rounded-lg border bg-sunken p-3 font-mono text-xs [overflow-wrap:anywhere]">
          {artifact.content}
        </pre>
      </details>
    </li>
  )
}
