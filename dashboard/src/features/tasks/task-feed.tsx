import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { messageOf } from '@/api/errors'
import { type Feed, taskFeedQuery } from '@/api/task-feed'
import { assemble } from '@/components/transcript/assemble'
import { groupStages } from '@/components/transcript/stages'
import { TranscriptParts } from '@/components/transcript/transcript'
import { Dot, type Tone } from '@/ui/badge'
import { Empty, Notice, Skeleton } from '@/ui/notice'

export function TaskFeed({ taskId }: { taskId: string }) {
  const client = useQueryClient()
  const { data: feed, error } = useQuery(taskFeedQuery(taskId, client))
  if (error !== null) {
    return (
      <div className="p-4">
        <Notice>{messageOf(error)}</Notice>
      </div>
    )
  }
  if (feed === undefined) return <Skeleton />
  return <FeedView feed={feed} />
}

function FeedView({ feed }: { feed: Feed }) {
  const parts = useMemo(() => groupStages(assemble(feed.entries).parts), [feed.entries])
  return (
    <div className="p-4">
      <FeedState feed={feed} />
      {parts.length === 0 ? (
        <Empty icon="clock" title={feed.ended ? 'Nothing happened' : 'Nothing has happened yet'}>
          Every step shows up here the moment it is taken.
        </Empty>
      ) : (
        <div role="log" aria-label="Activity">
          <TranscriptParts parts={parts} live={!feed.ended} structured />
        </div>
      )}
    </div>
  )
}

function FeedState({ feed }: { feed: Feed }) {
  const state: { tone: Tone; text: string } = feed.ended
    ? { tone: 'neutral', text: 'Ended' }
    : feed.connected
      ? { tone: 'ok', text: 'Live' }
      : { tone: 'warn', text: 'Connection lost, reconnecting…' }
  return (
    <p role="status" className="float-right ml-3 flex items-center gap-1.5 text-faint text-xs">
      <Dot tone={state.tone} pulse={!feed.ended} />
      {state.text}
    </p>
  )
}
