/** The present, as a store that ticks once a second while somebody looks. */
import { useSyncExternalStore } from 'react'

const SECOND = 1000
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let present = Date.now()

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  present = Date.now()
  timer ??= setInterval(() => {
    present = Date.now()
    for (const each of listeners) each()
  }, SECOND)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => present)
}
