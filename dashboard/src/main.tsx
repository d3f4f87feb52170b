import '@fontsource-variable/inter'
import './ui/theme.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createBrowserRouter, RouterProvider } from 'react-router'
import { captureLoginToken, sessionQuery } from './api/session'
import { createQueryClient } from './app/query-client'
import { routes } from './app/routes'

async function start(): Promise<void> {
  // Before the router reads the address: the token must not be in it any more.
  captureLoginToken(window.location, window.history)
  if (import.meta.env.DEV && import.meta.env['VITE_MOCK'] !== undefined) {
    const { installMockBackend } = await import('./mocks/install')
    installMockBackend()
  }
  const client = createQueryClient()
  // A login link pasted into a tab that shows the login already changes only the hash.
  window.addEventListener('hashchange', () => {
    if (captureLoginToken(window.location, window.history)) {
      void client.invalidateQueries({ queryKey: sessionQuery.queryKey })
    }
  })
  const root = document.getElementById('root')
  if (root === null) throw new Error('index.html has no #root')
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={createBrowserRouter(routes)} />
      </QueryClientProvider>
    </StrictMode>,
  )
}

void start()
