/** Every address of the app, so that a link to a page that does not exist can't be written. */
export const paths = {
  home: '/',
  login: '/login',
  chat: '/chat',
  chatSession: (id: string) => `/chat/${encodeURIComponent(id)}`,
  agents: '/agents',
  automations: '/automations',
  keys: '/keys',
  models: '/models',
  pods: '/pods',
  policy: '/policy',
  tasks: '/tasks',
  task: (id: string) => `/tasks/${encodeURIComponent(id)}`,
} as const

/** The same addresses as the router matches them. */
export const patterns = {
  chat: '/chat/:sessionId?',
  task: '/tasks/:taskId',
} as const

/** Where to go after a login: a path of this app, never an address of somebody else's. */
export function safeNext(next: string | null): string {
  if (next === null || !/^\/(?![/\\])/.test(next) || next.startsWith(paths.login)) return paths.home
  return next
}
