import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { TaskStatus } from '@/api/types'
import { task } from '@/mocks/data'
import { renderApp } from '@/mocks/render-app'

describe('task list', () => {
  it('shows tasks with their status', async () => {
    renderApp('/tasks')
    const row = await screen.findByRole('link', { name: /Rotate the credentials/ })
    expect(row).toHaveTextContent('Needs your review')
  })

  it('filters by status and keeps the filter in the address', async () => {
    const { user, router } = renderApp('/tasks')
    await user.click(await screen.findByRole('button', { name: 'Failed' }))
    await screen.findByText('Add a health check to the inventory service')
    await waitFor(() =>
      expect(screen.queryByText('Clean up the old reports')).not.toBeInTheDocument(),
    )
    expect(router.state.location.search).toBe('?status=failed')
  })

  it('says what to do when there is none', async () => {
    renderApp('/tasks', {
      prepare: ({ state }) => {
        state.tasks = []
      },
    })
    await screen.findByText('No tasks yet')
  })

  it('shows an error with a way to try again', async () => {
    const { user, backend, router } = renderApp('/chat')
    await screen.findByLabelText('Message')
    backend.state.tasks.length = 0
    await router.navigate('/tasks/00000000-0000-7000-8000-999999999999')
    await screen.findByText('This does not exist (any more).')
    await user.click(screen.getAllByRole('link', { name: 'Tasks' })[0] as HTMLElement)
    await screen.findByText('No tasks yet')
  })
})

describe('a new task', () => {
  it('is started and followed to its end', async () => {
    const { user, router } = renderApp('/tasks')
    await user.type(await screen.findByLabelText('What should be done?'), 'Count the words')
    await user.selectOptions(await screen.findByLabelText('Pod'), 'Quick Reply')
    await user.click(screen.getByRole('button', { name: 'Start task' }))
    await screen.findByRole('heading', { name: 'Count the words' })
    expect(router.state.location.pathname).toMatch(/^\/tasks\/.+/)
    const feed = await screen.findByRole('log')
    await within(feed).findByText('write_file')
    await screen.findByText('Ended')
    await screen.findByText('Code review', { selector: 'li span' })
    await user.click(screen.getByRole('tab', { name: 'Output' }))
    await screen.findByText('214 words')
    expect(screen.getByRole('button', { name: 'Cancel task' })).toBeDisabled()
  })
})

describe('a waiting task', () => {
  async function open(status: TaskStatus) {
    const app = renderApp('/tasks')
    const found = app.backend.state.tasks.find((one) => one.status === status)
    await screen.findByRole('heading', { name: 'Tasks' })
    await app.router.navigate(`/tasks/${found?.id}`)
    return { ...app, found }
  }

  it('is approved with a comment', async () => {
    const { user, backend, found } = await open('pending_human_review')
    await user.type(await screen.findByLabelText('Comment'), 'Go on')
    await user.click(screen.getByRole('button', { name: 'Approve' }))
    await waitFor(() =>
      expect(screen.queryByText('Nova needs your decision')).not.toBeInTheDocument(),
    )
    expect(backend.log).toContain(`POST /api/v1/pipeline/tasks/${found?.id}/review`)
  })

  it('is rejected', async () => {
    const { user } = await open('pending_human_review')
    await user.click(await screen.findByRole('button', { name: 'Reject' }))
    await screen.findByText('Rejected in review.')
  })

  it('gets an answer to its question', async () => {
    const { user, backend, found } = await open('clarification_needed')
    await user.click(await screen.findByRole('button', { name: 'Older than a year' }))
    await waitFor(() => expect(screen.queryByText('Nova has a question')).not.toBeInTheDocument())
    expect(backend.log).toContain(`POST /api/v1/pipeline/tasks/${found?.id}/clarify`)
  })

  it('over its budget asks for a new one before it can be approved', async () => {
    const { router } = renderApp('/tasks', {
      prepare: ({ state }) => {
        state.tasks = [
          task({
            status: 'pending_human_review',
            pending: { id: 'p', kind: 'budget', prompt: 'The budget is used up.', options: [] },
          }),
        ]
      },
    })
    await screen.findByRole('heading', { name: 'Tasks' })
    const link = await screen.findByRole('link', { name: /Read notes.txt/ })
    await router.navigate(link.getAttribute('href') ?? '')
    expect(await screen.findByRole('button', { name: 'Approve' })).toBeDisabled()
    expect(screen.getByLabelText('New budget in US dollars')).toBeInTheDocument()
  })

  it('shows findings, reviews and artifacts, reachable by arrow keys', async () => {
    const { user } = await open('pending_human_review')
    await user.click(await screen.findByRole('tab', { name: /Findings/ }))
    await screen.findByText('A private key in deploy/config.yaml')
    await user.keyboard('{ArrowRight}')
    await screen.findByText(/without a final newline/)
    await user.keyboard('{ArrowRight}')
    await screen.findByText('How the word count was made')
  })

  it('is cancelled', async () => {
    const { user } = await open('clarification_needed')
    await user.click(await screen.findByRole('button', { name: 'Cancel task' }))
    await screen.findByText('Cancelled')
  })
})
