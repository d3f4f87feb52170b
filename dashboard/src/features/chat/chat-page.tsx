import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { Boundary } from '@/components/boundary'
import { classNames } from '@/lib/class-names'
import { paths } from '@/lib/paths'
import { Button } from '@/ui/button'
import { Icon } from '@/ui/icon'
import { Conversation, NewConversation } from './conversation'
import { SessionList } from './session-list'

export function ChatPage() {
  const { sessionId } = useParams()
  const [listOpen, setListOpen] = useState(false)
  const close = () => setListOpen(false)
  return (
    <div className="flex h-full min-h-0">
      <title>Chat · Nova</title>
      <aside
        aria-label="Conversations"
        className={classNames(
          'min-h-0 w-full shrink-0 flex-col border-r md:flex md:w-64',
          listOpen ? 'flex' : 'hidden',
        )}
      >
        <div className="flex items-center gap-2 border-b p-2">
          <NewChatLink onClick={close} className="flex-1" />
          <Button onClick={close} className="md:hidden">
            Close
          </Button>
        </div>
        <div className="min-h-0 flex-1 overflow-y-auto">
          <Boundary>
            <SessionList onChoose={close} />
          </Boundary>
        </div>
      </aside>
      <div
        className={classNames(
          'min-h-0 min-w-0 flex-1 flex-col md:flex',
          listOpen ? 'hidden' : 'flex',
        )}
      >
        <div className="flex items-center justify-between gap-2 border-b p-2 md:hidden">
          <Button kind="ghost" onClick={() => setListOpen(true)}>
            <Icon name="panel" />
            Conversations
          </Button>
          <NewChatLink onClick={close} />
        </div>
        <Boundary key={sessionId ?? 'new'}>
          {sessionId === undefined ? <NewConversation /> : <Conversation sessionId={sessionId} />}
        </Boundary>
      </div>
    </div>
  )
}

function NewChatLink({ onClick, className }: { onClick: () => void; className?: string }) {
  return (
    <Link
      to={paths.chat}
      onClick={onClick}
      className={classNames(
        'flex h-9 items-center justify-center gap-2 rounded-lg border border-line-strong bg-surface px-3 font-medium hover:bg-raised',
        className,
      )}
    >
      <Icon name="plus" />
      New chat
    </Link>
  )
}
