import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { type ReactNode, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { chatKeys, chatSessionQuery, openTurn } from '@/api/chat'
import { messageOf } from '@/api/errors'
import { identityQuery } from '@/api/identity'
import { paths } from '@/lib/paths'
import { randomId } from '@/lib/random-id'
import { Logo } from '@/ui/icon'
import { Composer } from './composer'
import { Messages } from './messages'
import { useTurn, useTurns } from './use-turn'

/** Sends a message and hands its answer to the store of running turns. */
function useSend(sessionId: string | null) {
  const turns = useTurns()
  const client = useQueryClient()
  const attempt = useRef({ text: '', key: '' })
  return useMutation({
    mutationFn: (text: string) => {
      if (attempt.current.text !== text) attempt.current = { text, key: randomId() }
      return openTurn({ text, sessionId, key: attempt.current.key })
    },
    onSuccess: (opened, text) => {
      attempt.current = { text: '', key: '' }
      turns.start(opened, text)
      void client.invalidateQueries({ queryKey: chatKeys.sessions })
    },
  })
}

const IDEAS = [
  'What is in the workspace?',
  'Count the words of notes.txt',
  'Remember that I prefer short answers',
]

export function NewConversation() {
  const { data: identity } = useSuspenseQuery(identityQuery)
  const navigate = useNavigate()
  const send = useSend(null)
  const [idea, setIdea] = useState('')

  async function submit(text: string): Promise<boolean> {
    try {
      const { sessionId } = await send.mutateAsync(text)
      await navigate(paths.chatSession(sessionId))
      return true
    } catch {
      // The mutation holds the error; it is shown above the field and the text stays.
      return false
    }
  }

  return (
    <Frame
      composer={
        <Composer
          key={idea}
          draft={idea}
          sending={send.isPending}
          error={send.error === null ? null : messageOf(send.error)}
          onStop={null}
          stopping={false}
          onSend={submit}
        />
      }
    >
      <div className="m-auto flex max-w-xl flex-col items-center gap-5 px-6 py-12 text-center">
        <Logo className="size-12" />
        <p className="whitespace-pre-wrap text-lg">{identity.greeting}</p>
        <ul className="flex flex-wrap justify-center gap-2">
          {IDEAS.map((one) => (
            <li key={one}>
              <button
                type="button"
                onClick={() => setIdea(one)}
                className="rounded-full border bg-surface px-3.5 py-1.5 text-muted hover:border-line-strong hover:text-ink"
              >
                {one}
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Frame>
  )
}

export function Conversation({ sessionId }: { sessionId: string }) {
  const { data: session } = useSuspenseQuery(chatSessionQuery(sessionId))
  const turns = useTurns()
  const runningTaskId = session.running_task_id ?? null
  const turn = useTurn(sessionId, runningTaskId)
  const send = useSend(sessionId)
  const live = turn !== null && turn.phase !== 'ended'

  async function submit(text: string): Promise<boolean> {
    try {
      await send.mutateAsync(text)
      return true
    } catch {
      // As above: shown beside the text, which stays.
      return false
    }
  }

  return (
    <Frame
      composer={
        <Composer
          sending={send.isPending}
          error={send.error === null ? null : messageOf(send.error)}
          onStop={live ? () => void turns.stop(sessionId) : null}
          stopping={turn?.phase === 'stopping'}
          onSend={submit}
        />
      }
    >
      <h1 className="sr-only">{session.title || 'Conversation'}</h1>
      <Messages messages={session.messages} turn={turn} runningTaskId={runningTaskId} />
    </Frame>
  )
}

/** Column-reverse keeps the newest line in view while the answer grows, and lets go when scrolled. */
function Frame({ children, composer }: { children: ReactNode; composer: ReactNode }) {
  return (
    <>
      <div className="flex min-h-0 flex-1 flex-col-reverse overflow-y-auto">
        <div className="flex min-h-full flex-col">{children}</div>
      </div>
      {composer}
    </>
  )
}
