/** The turns that run now, one per session, kept outside of the pages so that leaving one loses nothing. */
import type { QueryClient } from '@tanstack/react-query'
import { cancelTurn, chatKeys, followTurn, type OpenedTurn } from '@/api/chat'
import { messageOf } from '@/api/errors'
import type { Entry } from '@/api/stream'

export interface Turn {
  taskId: string
  /** What the person wrote; null for a turn that was found running. */
  text: string | null
  entries: readonly Entry[]
  phase: 'streaming' | 'reconnecting' | 'stopping' | 'ended'
  error: string | null
}

const FLUSH_MS = 40

export class Turns {
  private readonly client: QueryClient
  private readonly turns = new Map<string, Turn>()
  private readonly finished = new Set<string>()
  private readonly listeners = new Set<() => void>()

  constructor(client: QueryClient) {
    this.client = client
  }

  get(sessionId: string | null): Turn | null {
    return sessionId === null ? null : (this.turns.get(sessionId) ?? null)
  }

  /** Watching a session in which a turn runs that is not followed yet starts following it. */
  watch(sessionId: string | null, runningTaskId: string | null, listener: () => void): () => void {
    this.listeners.add(listener)
    if (sessionId !== null && runningTaskId !== null) this.attach(sessionId, runningTaskId)
    return () => this.listeners.delete(listener)
  }

  start(opened: OpenedTurn, text: string): void {
    const { sessionId, taskId, response } = opened
    this.set(sessionId, { taskId, text, entries: [], phase: 'streaming', error: null })
    void this.run(sessionId, taskId, response)
  }

  async stop(sessionId: string): Promise<void> {
    const turn = this.turns.get(sessionId)
    if (turn === undefined || turn.phase === 'ended') return
    this.set(sessionId, { ...turn, phase: 'stopping' })
    try {
      await cancelTurn(turn.taskId)
    } catch (error) {
      this.change(sessionId, turn.taskId, (now) =>
        now.phase === 'ended' ? now : { ...now, phase: 'streaming', error: messageOf(error) },
      )
    }
  }

  private attach(sessionId: string, taskId: string): void {
    if (this.finished.has(taskId) || this.turns.get(sessionId)?.taskId === taskId) return
    this.set(sessionId, { taskId, text: null, entries: [], phase: 'reconnecting', error: null })
    void this.run(sessionId, taskId)
  }

  private async run(sessionId: string, taskId: string, first?: Response): Promise<void> {
    const entries: Entry[] = []
    let seen = 0
    const flush = () => {
      if (entries.length === seen) return
      seen = entries.length
      this.change(sessionId, taskId, (turn) => ({ ...turn, entries: entries.slice() }))
    }
    const timer = setInterval(flush, FLUSH_MS)
    let error: string | null = null
    try {
      const events = followTurn(taskId, {
        signal: new AbortController().signal,
        ...(first === undefined ? {} : { first }),
        onConnection: (connected) =>
          this.change(sessionId, taskId, (turn) =>
            turn.phase === 'stopping'
              ? turn
              : { ...turn, phase: connected ? 'streaming' : 'reconnecting' },
          ),
      })
      for await (const entry of events) entries.push(entry)
    } catch (failure) {
      error = messageOf(failure)
    } finally {
      clearInterval(timer)
    }
    flush()
    this.finished.add(taskId)
    this.change(sessionId, taskId, (turn) => ({ ...turn, phase: 'ended', error }))
    await Promise.all([
      this.client.invalidateQueries({ queryKey: chatKeys.session(sessionId) }),
      this.client.invalidateQueries({ queryKey: chatKeys.sessions }),
    ])
  }

  private change(sessionId: string, taskId: string, next: (turn: Turn) => Turn): void {
    const turn = this.turns.get(sessionId)
    if (turn?.taskId === taskId) this.set(sessionId, next(turn))
  }

  private set(sessionId: string, turn: Turn): void {
    this.turns.set(sessionId, turn)
    for (const listener of this.listeners) listener()
  }
}
