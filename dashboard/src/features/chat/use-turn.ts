import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useCallback, useSyncExternalStore } from 'react'
import { type Turn, Turns } from './turns'

const stores = new WeakMap<QueryClient, Turns>()

/** The turns belong to the app's query client: one store in the app, a fresh one in each test. */
export function useTurns(): Turns {
  const client = useQueryClient()
  const known = stores.get(client)
  if (known !== undefined) return known
  const made = new Turns(client)
  stores.set(client, made)
  return made
}

/** The turn of a session; one that runs without us (after a reload) is followed from its start. */
export function useTurn(sessionId: string | null, runningTaskId: string | null): Turn | null {
  const turns = useTurns()
  const subscribe = useCallback(
    (listener: () => void) => turns.watch(sessionId, runningTaskId, listener),
    [turns, sessionId, runningTaskId],
  )
  return useSyncExternalStore(subscribe, () => turns.get(sessionId))
}
