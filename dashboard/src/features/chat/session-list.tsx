import { useSuspenseQuery } from '@tanstack/react-query'
import { NavLink, useMatch, useNavigate } from 'react-router'
import { chatSessionsQuery, useDeleteSession } from '@/api/chat'
import { messageOf } from '@/api/errors'
import type { ChatSession } from '@/api/types'
import { Ago } from '@/components/times'
import { classNames } from '@/lib/class-names'
import { paths } from '@/lib/paths'
import { IconButton } from '@/ui/button'
import { Icon } from '@/ui/icon'
import { Empty, Notice } from '@/ui/notice'

export function SessionList({ onChoose }: { onChoose: () => void }) {
  const { data: sessions } = useSuspenseQuery(chatSessionsQuery)
  if (sessions.length === 0) {
    return (
      <Empty icon="chat" title="No conversations yet">
        Your conversations will be listed here.
      </Empty>
    )
  }
  return (
    <ul className="flex flex-col gap-0.5 p-2">
      {sessions.map((session) => (
        <SessionItem key={session.id} session={session} onChoose={onChoose} />
      ))}
    </ul>
  )
}

function SessionItem({ session, onChoose }: { session: ChatSession; onChoose: () => void }) {
  const remove = useDeleteSession()
  const navigate = useNavigate()
  const open = useMatch(paths.chatSession(session.id)) !== null
  const title = session.title || 'Untitled conversation'

  function removeAfterAsking() {
    if (!window.confirm(`Delete “${title}” for good?`)) return
    remove.mutate(session.id, { onSuccess: () => open && void navigate(paths.chat) })
  }

  return (
    <li className="group relative">
      <NavLink
        to={paths.chatSession(session.id)}
        onClick={onChoose}
        className={({ isActive }) =>
          classNames(
            'block rounded-lg px-3 py-2 pr-10',
            isActive ? 'bg-accent-soft text-accent-ink' : 'hover:bg-raised',
          )
        }
      >
        <span className="block truncate font-medium">{title}</span>
        <span className="block text-faint text-xs">
          <Ago at={session.last_active} />
        </span>
      </NavLink>
      <IconButton
        label={`Delete ${title}`}
        disabled={remove.isPending}
        onClick={removeAfterAsking}
        className="absolute top-2 right-1 size-8 md:opacity-0 md:focus-visible:opacity-100 md:group-hover:opacity-100"
      >
        <Icon name="trash" />
      </IconButton>
      {remove.error !== null && <Notice>{messageOf(remove.error)}</Notice>}
    </li>
  )
}
