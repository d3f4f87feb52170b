import { screen, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { TaskStatus } from '@/api/types'
import { task } from '@/mocks/data'
import { renderApp } from '@/mocks/render-app'

async function openSteps(status: TaskStatus) {
  const shown = task({ status, user_input: 'Count the words' })
  const app = renderApp(`/tasks/${shown.id}`, {
    prepare: (backend) => {
      backend.state.tasks = [shown]
      // It stays as it is: the usual events would bring it to its end.
      backend.tasks.events = () => []
    },
  })
  await app.user.click(await screen.findByRole('tab', { name: 'Steps' }))
  await screen.findByText('read_file')
  return { ...app, shown }
}

async function openFork(app: Awaited<ReturnType<typeof openSteps>>, title: string) {
  const item = (await screen.findByText(title)).closest('li') as HTMLElement
  await app.user.click(within(item).getByText(title))
  await app.user.click(within(item).getByRole('button', { name: 'Fork from here', hidden: true }))
  return within(await within(item).findByRole('form', { hidden: true }))
}

describe('the steps of a task', () => {
  it('are shown with what was asked and what came back', async () => {
    await openSteps('complete')
    expect(screen.getByText('Memory: search')).toBeInTheDocument()
    expect(screen.getByText(/214 words of notes/)).toBeInTheDocument()
    expect(screen.getByText('150 tokens')).toBeInTheDocument()
  })

  it('are replayed, and found to be identical', async () => {
    const { user } = await openSteps('complete')
    await user.click(screen.getByRole('button', { name: 'Replay' }))
    await screen.findByText('Identical')
    expect(screen.getByText('3 of 3 steps replayed')).toBeInTheDocument()
  })

  it('are replayed, and what differs is said', async () => {
    const { user } = await openSteps('failed')
    await user.click(screen.getByRole('button', { name: 'Replay' }))
    await screen.findByText('Not identical')
    expect(screen.getByText('Task, step 3, auto')).toBeInTheDocument()
  })

  it('of a running task can be read only', async () => {
    await openSteps('task_running')
    expect(screen.getByRole('button', { name: 'Replay' })).toBeDisabled()
    for (const button of screen.getAllByRole('button', { name: 'Fork from here', hidden: true })) {
      expect(button).toBeDisabled()
    }
  })
})

describe('a fork', () => {
  it('goes on from the step with what was changed', async () => {
    const app = await openSteps('complete')
    const form = await openFork(app, 'Asked auto')
    await app.user.type(form.getByLabelText('Request'), 'Count the lines')
    await app.user.type(form.getByLabelText('System prompt of this stage'), 'Be exact.')
    await app.user.click(form.getByRole('button', { name: 'Fork', hidden: true }))
    await screen.findByRole('heading', { name: 'Count the lines' })
    expect(app.backend.log).toContain(`POST /api/v1/pipeline/tasks/${app.shown.id}/fork`)
    await app.user.click(await screen.findByRole('link', { name: 'Another task' }))
    await screen.findByRole('heading', { name: 'Count the words' })
  })

  it('that is refused says why', async () => {
    const app = await openSteps('complete')
    const form = await openFork(app, 'read_file')
    expect(form.getByLabelText('Result of the tool')).toBeInTheDocument()
    await app.user.type(form.getByLabelText('Model of this stage'), 'nobody')
    await app.user.click(form.getByRole('button', { name: 'Fork', hidden: true }))
    await form.findByText('There is no such model.')
  })

  it('of a memory call changes no agent and no answer', async () => {
    const app = await openSteps('complete')
    const form = await openFork(app, 'Memory: search')
    expect(form.queryByLabelText('Model of this stage')).not.toBeInTheDocument()
    await app.user.click(form.getByRole('button', { name: 'Cancel', hidden: true }))
    expect(screen.queryByRole('form')).not.toBeInTheDocument()
  })
})
