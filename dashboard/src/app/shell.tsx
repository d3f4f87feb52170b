import { NavLink, Outlet, useLocation } from 'react-router'
import { Boundary } from '@/components/boundary'
import { classNames } from '@/lib/class-names'
import { paths } from '@/lib/paths'
import { Icon, type IconName, Logo } from '@/ui/icon'
import { HealthIndicator } from './health-indicator'
import { LogoutButton } from './logout-button'
import { ThemeButton } from './theme-button'

const LINKS: { to: string; label: string; icon: IconName }[] = [
  { to: paths.chat, label: 'Chat', icon: 'chat' },
  { to: paths.tasks, label: 'Tasks', icon: 'tasks' },
  { to: paths.agents, label: 'Agents', icon: 'agents' },
  { to: paths.pods, label: 'Pods', icon: 'panel' },
  { to: paths.automations, label: 'Automations', icon: 'clock' },
  { to: paths.models, label: 'Models', icon: 'cpu' },
  { to: paths.keys, label: 'Keys', icon: 'key' },
  { to: paths.policy, label: 'Rules & skills', icon: 'shield' },
]

export function Shell() {
  const { pathname } = useLocation()
  // A chat keeps its frame while its session changes; elsewhere each address is a page of its own.
  const page = pathname.startsWith(paths.chat) ? paths.chat : pathname
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#content"
        className="sr-only rounded-lg bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-20"
      >
        Skip to the content
      </a>
      <header className="flex items-center gap-1 border-b bg-surface px-3 py-2 md:w-52 md:shrink-0 md:flex-col md:items-stretch md:gap-1 md:border-r md:border-b-0 md:p-3">
        <NavLink
          to={paths.home}
          className="flex items-center gap-2.5 rounded-lg md:px-1.5 md:pt-1 md:pb-4"
        >
          <Logo className="size-7" />
          <span className="font-semibold text-base tracking-tight">Nova</span>
        </NavLink>
        <nav aria-label="Main" className="hidden flex-1 flex-col gap-0.5 md:flex">
          {LINKS.map((link) => (
            <SideLink key={link.to} {...link} />
          ))}
        </nav>
        <div className="ml-auto flex items-center gap-0.5 md:ml-0 md:justify-between">
          <HealthIndicator />
          <span className="flex">
            <ThemeButton />
            <LogoutButton />
          </span>
        </div>
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="min-h-0 min-w-0 flex-1 overflow-y-auto outline-none"
      >
        <Boundary key={page}>
          <Outlet />
        </Boundary>
      </main>
      <nav
        aria-label="Main"
        className="flex border-t bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
      >
        {LINKS.map((link) => (
          <BottomLink key={link.to} {...link} />
        ))}
      </nav>
    </div>
  )
}

function SideLink({ to, label, icon }: { to: string; label: string; icon: IconName }) {
  return (
    <NavLink
      to={to}
      className={({ isActive }) =>
        classNames(
          'flex h-9 items-center gap-2.5 rounded-lg px-2.5 font-medium',
          isActive ? 'bg-accent-soft text-accent-ink' : 'text-muted hover:bg-raised hover:text-ink',
        )
      }
    >
      <Icon name={icon} />
      {label}
    </NavLink>
  )
}

function BottomLink({ to, label, icon }: { to: string; label: string; icon: IconName }) {
  return (
    <NavLink
      to={to}
      className={({ isActive }) =>
        classNames(
          'flex flex-1 flex-col items-center gap-0.5 px-0.5 py-2 text-center font-medium text-[0.6875rem]',
          isActive ? 'text-accent-ink' : 'text-muted',
        )
      }
    >
      <Icon name={icon} className="size-5" />
      {label}
    </NavLink>
  )
}
