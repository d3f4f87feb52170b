import { screen, waitFor } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { captureLoginToken } from '@/api/session'
import { ADMIN_SECRET, LOGIN_TOKEN } from '@/mocks/backend'
import { status } from '@/mocks/data'
import { renderApp } from '@/mocks/render-app'

describe('start-up screen', () => {
  it('shows each service until the orchestrator is ready, then goes on by itself', async () => {
    const { backend } = renderApp('/tasks', {
      prepare: ({ state }) => {
        state.orchestratorUp = false
        state.status = status({ orchestrator: 'starting', redis: 'down' })
      },
    })
    await screen.findByText('9 of 11 services are up')
    expect(screen.getByText('orchestrator').parentElement).toHaveTextContent('starting')
    expect(screen.getByText('redis').parentElement).toHaveTextContent('down')
    backend.state.status = status()
    backend.state.orchestratorUp = true
    await screen.findByRole('heading', { name: 'Tasks' })
  })

  it('says so when even recovery is silent', async () => {
    renderApp('/', {
      prepare: ({ state }) => {
        state.orchestratorUp = false
        state.status = null
      },
    })
    await screen.findByText(/recovery service does not answer/)
  })
})

describe('login', () => {
  it('asks for the secret, then shows the page that was wanted', async () => {
    const { user, router } = renderApp('/tasks?status=failed', { loggedIn: false })
    await user.type(await screen.findByLabelText('Admin secret'), 'wrong')
    await user.click(screen.getByRole('button', { name: 'Log in' }))
    await screen.findByText('The admin secret is wrong.')
    await user.clear(screen.getByLabelText('Admin secret'))
    await user.type(screen.getByLabelText('Admin secret'), `${ADMIN_SECRET}{Enter}`)
    await screen.findByRole('heading', { name: 'Tasks' })
    expect(router.state.location.search).toBe('?status=failed')
  })

  it('takes a one-time link out of the address and uses it', async () => {
    window.history.replaceState(null, '', `/login#token=${LOGIN_TOKEN}`)
    expect(captureLoginToken(window.location, window.history)).toBe(true)
    expect(window.location.hash).toBe('')
    const { router } = renderApp('/login', { loggedIn: false })
    await screen.findByText('Hello, I am Nova. What shall we do?')
    expect(router.state.location.pathname).toBe('/chat')
  })

  it('explains a link that was used already', async () => {
    window.history.replaceState(null, '', '/login#token=old')
    captureLoginToken(window.location, window.history)
    renderApp('/login', { loggedIn: false })
    await screen.findByText(/The link was used already/)
    expect(screen.getByLabelText('Admin secret')).toBeInTheDocument()
  })

  it('comes back when the session ends elsewhere', async () => {
    const { backend, client } = renderApp('/tasks')
    await screen.findByRole('heading', { name: 'Tasks' })
    backend.state.loggedIn = false
    await client.invalidateQueries()
    await screen.findByLabelText('Admin secret')
  })

  it('reads the CSRF token again when another tab has logged in since', async () => {
    const { backend, user } = renderApp('/tasks')
    await user.type(await screen.findByLabelText('What should be done?'), 'Count the words')
    backend.csrf = 'token-of-the-new-session'
    await user.click(screen.getByRole('button', { name: 'Start task' }))
    await screen.findByRole('heading', { name: 'Count the words' })
    expect(backend.log.filter((line) => line === 'POST /api/v1/pipeline/tasks')).toHaveLength(2)
  })

  it('log-out ends the session', async () => {
    const { backend, user } = renderApp('/tasks')
    await user.click(await screen.findByRole('button', { name: 'Log out' }))
    await screen.findByLabelText('Admin secret')
    await waitFor(() => expect(backend.state.loggedIn).toBe(false))
  })
})

describe('shell', () => {
  it('has no link to a page that does not exist', async () => {
    renderApp('/tasks')
    await screen.findByRole('heading', { name: 'Tasks' })
    const targets = screen.getAllByRole('link').map((link) => link.getAttribute('href') ?? '')
    const known =
      /^(\/|#content|\/chat|\/agents|\/automations|\/keys|\/models|\/pods|\/policy|\/tasks|\/tasks\/[^/]+)$/
    expect(targets.filter((target) => !known.test(target))).toEqual([])
  })

  it('says that an unknown address is none', async () => {
    renderApp('/nowhere')
    await screen.findByText('There is no such page')
  })

  it('goes through the themes', async () => {
    const { user } = renderApp('/tasks')
    const button = await screen.findByRole('button', { name: /^Theme: as the system/ })
    await user.click(button)
    expect(document.documentElement.dataset['theme']).toBe('light')
    await user.click(screen.getByRole('button', { name: /^Theme: light/ }))
    expect(document.documentElement.dataset['theme']).toBe('dark')
    await user.click(screen.getByRole('button', { name: /^Theme: dark/ }))
    expect(document.documentElement.dataset['theme']).toBeUndefined()
  })
})
