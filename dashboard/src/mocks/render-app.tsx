/** The whole app at an address, in front of a mock backend: what a component test looks at. */
import { QueryClientProvider } from '@tanstack/react-query'
import { render } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { createMemoryRouter, RouterProvider } from 'react-router'
import { createQueryClient } from '@/app/query-client'
import { routes } from '@/app/routes'
import { MockBackend } from './backend'
import { installMockBackend } from './install'

export function renderApp(
  path: string,
  given: { loggedIn?: boolean; prepare?: (mock: MockBackend) => void } = {},
) {
  const backend = new MockBackend({ pace: 0, loggedIn: given.loggedIn ?? true })
  given.prepare?.(backend)
  installMockBackend(backend)
  const router = createMemoryRouter(routes, { initialEntries: [path] })
  const client = createQueryClient()
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  )
  return { backend, router, client, user: userEvent.setup() }
}
