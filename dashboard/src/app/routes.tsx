import { Navigate, type RouteObject, useRouteError } from 'react-router'
import { Failure } from '@/components/boundary'
import { LoginPage } from '@/features/login/login-page'
import { paths, patterns } from '@/lib/paths'
import { Empty } from '@/ui/notice'
import { SessionGate, StartGate } from './gates'
import { Shell } from './shell'

async function chat() {
  const { ChatPage } = await import('@/features/chat/chat-page')
  return { Component: ChatPage }
}

async function tasks() {
  const { TasksPage } = await import('@/features/tasks/tasks-page')
  return { Component: TasksPage }
}

async function task() {
  const { TaskPage } = await import('@/features/tasks/task-page')
  return { Component: TaskPage }
}

async function agents() {
  const { AgentsPage } = await import('@/features/agents/agents-page')
  return { Component: AgentsPage }
}

async function automations() {
  const { AutomationsPage } = await import('@/features/automations/automations-page')
  return { Component: AutomationsPage }
}

async function keys() {
  const { KeysPage } = await import('@/features/keys/keys-page')
  return { Component: KeysPage }
}

async function models() {
  const { ModelsPage } = await import('@/features/models/models-page')
  return { Component: ModelsPage }
}

async function pods() {
  const { PodsPage } = await import('@/features/pods/pods-page')
  return { Component: PodsPage }
}

async function policy() {
  const { PolicyPage } = await import('@/features/policy/policy-page')
  return { Component: PolicyPage }
}

export const routes: RouteObject[] = [
  {
    element: <StartGate />,
    ErrorBoundary: RouteFailure,
    HydrateFallback: () => null,
    children: [
      { path: paths.login, element: <LoginPage /> },
      {
        element: <SessionGate />,
        children: [
          {
            element: <Shell />,
            children: [
              { path: paths.home, element: <Navigate to={paths.chat} replace /> },
              { path: patterns.chat, lazy: chat },
              { path: paths.tasks, lazy: tasks },
              { path: patterns.task, lazy: task },
              { path: paths.agents, lazy: agents },
              { path: paths.automations, lazy: automations },
              { path: paths.keys, lazy: keys },
              { path: paths.models, lazy: models },
              { path: paths.policy, lazy: policy },
              { path: paths.pods, lazy: pods },
              { path: '*', element: <Missing /> },
            ],
          },
        ],
      },
    ],
  },
]

function Missing() {
  return (
    <Empty icon="dash" title="There is no such page">
      Use the navigation to get to one that exists.
    </Empty>
  )
}

/** A page that could not be loaded: usually a new version was installed while this one was open. */
function RouteFailure() {
  return <Failure error={useRouteError()} onRetry={() => window.location.reload()} />
}
