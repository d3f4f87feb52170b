/** A task's events as query data that grows, so that a page shows them without an effect. */
import { type QueryClient, queryOptions } from '@tanstack/react-query'
import { type Entry, follow } from './stream'
import { taskKey } from './tasks'

export interface Feed {
  entries: Entry[]
  connected: boolean
  /** The stream has said that nothing more comes. */
  ended: boolean
}

const FLUSH_MS = 60

export function taskFeedQuery(id: string, client: QueryClient) {
  const queryKey = ['task-feed', id] as const
  return queryOptions({
    queryKey,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: async ({ signal }): Promise<Feed> => {
      const entries: Entry[] = []
      let connected = false
      let changed = false
      let stale = false
      const refresh = () => client.invalidateQueries({ queryKey: taskKey(id) })
      // Events may come by the hundred a second; a person reads at most a few. The task itself is
      // asked for again only when the last answer is there, or it would never get one.
      const timer = setInterval(() => {
        if (stale && client.isFetching({ queryKey: taskKey(id) }) === 0) {
          stale = false
          void refresh()
        }
        if (!changed) return
        changed = false
        client.setQueryData(queryKey, { entries: entries.slice(), connected, ended: false })
      }, FLUSH_MS)
      try {
        const events = follow({
          path: `/api/v1/pipeline/tasks/${encodeURIComponent(id)}/events`,
          signal,
          onConnection: (now) => {
            changed = true
            connected = now
          },
        })
        for await (const entry of events) {
          changed = true
          entries.push(entry)
          stale ||= changesTask(entry)
        }
        void refresh()
        return { entries, connected, ended: true }
      } finally {
        clearInterval(timer)
      }
    },
  })
}

/** Whether the task itself, or a list that belongs to it, is different after this event. */
function changesTask({ event }: Entry): boolean {
  if (!('type' in event)) return false
  return ['status', 'stage', 'finding', 'verdict', 'artifact', 'usage', 'error'].includes(
    event.type,
  )
}
