import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { schedule } from '@/mocks/data'
import { renderApp } from '@/mocks/render-app'

const row = (name: string) => screen.findByRole('listitem', { name })

describe('schedules', () => {
  it('show when they fire next, and why one does not', async () => {
    renderApp('/automations', {
      prepare: ({ state }) => {
        state.schedules = [
          schedule({ name: 'Fine', next_run_at: '2030-01-07T07:00:00Z' }),
          schedule({ name: 'Broken', last_error: "The pod 'X' is disabled." }),
          schedule({ name: 'Over', cron: null, at: '2026-01-01T00:00:00Z', next_run_at: null }),
          schedule({ name: 'Asleep', enabled: false, next_run_at: null }),
        ]
      },
    })
    expect(await row('Fine')).toHaveTextContent(/next .*2030/)
    expect(await row('Broken')).toHaveTextContent("The pod 'X' is disabled.")
    expect(within(await row('Over')).getAllByText('Over')).toHaveLength(2)
    expect(within(await row('Asleep')).getByText('Off')).toBeInTheDocument()
  })

  it('say what they are for when there is none', async () => {
    renderApp('/automations', {
      prepare: ({ state }) => {
        state.schedules = []
        state.webhooks = []
      },
    })
    await screen.findByText('No schedules yet')
    await screen.findByText('No webhooks yet')
  })

  it('are made with a cron expression', async () => {
    const { user, backend } = renderApp('/automations')
    await user.click(await screen.findByRole('button', { name: 'New schedule' }))
    const form = within(screen.getByRole('form', { name: 'New schedule' }))
    await user.type(form.getByLabelText('Name'), 'Nightly')
    await user.type(form.getByLabelText('What should be done?'), 'Tidy up')
    await user.clear(form.getByLabelText('Cron expression'))
    await user.type(form.getByLabelText('Cron expression'), '0 3 * *')
    await user.click(form.getByRole('button', { name: 'Create schedule' }))
    await form.findByText('cron: five fields are needed.')
    await user.type(form.getByLabelText('Cron expression'), ' 0')
    await user.selectOptions(form.getByLabelText('If Nova was off at the time'), 'skip')
    await user.click(form.getByRole('button', { name: 'Create schedule' }))
    await row('Nightly')
    expect(screen.queryByRole('form')).not.toBeInTheDocument()
    expect(backend.state.schedules[0]).toMatchObject({ cron: '0 3 * * 0', misfire: 'skip' })
  })

  it('are made for one time, which is sent with its zone', async () => {
    const { user, backend } = renderApp('/automations')
    await user.click(await screen.findByRole('button', { name: 'New schedule' }))
    const form = within(screen.getByRole('form', { name: 'New schedule' }))
    await user.type(form.getByLabelText('Name'), 'Reminder')
    await user.type(form.getByLabelText('What should be done?'), 'Remind me')
    await user.selectOptions(form.getByLabelText('When'), 'Once')
    await user.type(form.getByLabelText('Date and time'), '2030-06-01T08:30')
    await user.click(form.getByRole('button', { name: 'Create schedule' }))
    await row('Reminder')
    expect(backend.state.schedules[0]?.at).toBe(new Date('2030-06-01T08:30').toISOString())
    expect(backend.state.schedules[0]?.cron).toBeNull()
  })

  it('are changed, and keep what is not', async () => {
    const { user, backend } = renderApp('/automations', {
      prepare: ({ state }) => {
        state.schedules = [schedule({ name: 'Report', pod_name: 'Quick Reply', misfire: 'all' })]
      },
    })
    const found = within(await row('Report'))
    await user.click(found.getByRole('button', { name: 'Edit' }))
    const form = within(found.getByRole('form', { name: 'Edit Report' }))
    await form.findByRole('option', { name: 'Research (switched off)' })
    expect(form.getByLabelText('Pod')).toHaveValue('Quick Reply')
    await user.clear(form.getByLabelText('Cron expression'))
    await user.type(form.getByLabelText('Cron expression'), '@daily')
    await user.click(form.getByRole('button', { name: 'Save' }))
    await found.findByText('@daily')
    expect(found.queryByRole('form')).not.toBeInTheDocument()
    expect(backend.state.schedules[0]).toMatchObject({
      cron: '@daily',
      at: null,
      misfire: 'all',
      pod_name: 'Quick Reply',
      timezone: 'Europe/Berlin',
    })
  })

  it('are changed from again and again to once, and keep a pod that is gone', async () => {
    const { user, backend } = renderApp('/automations', {
      prepare: ({ state }) => {
        state.schedules = [schedule({ name: 'Report', pod_name: 'Deleted' })]
      },
    })
    const found = within(await row('Report'))
    await user.click(found.getByRole('button', { name: 'Edit' }))
    await user.selectOptions(found.getByLabelText('When'), 'Once')
    await user.type(found.getByLabelText('Date and time'), '2030-06-01T08:30')
    await user.click(found.getByRole('button', { name: 'Save' }))
    await found.findByText(/^once, .*2030/)
    const at = new Date('2030-06-01T08:30').toISOString()
    expect(backend.state.schedules[0]).toMatchObject({ cron: null, at, pod_name: 'Deleted' })
    await user.click(found.getByRole('button', { name: 'Edit' }))
    expect(found.getByLabelText('Date and time')).toHaveValue('2030-06-01T08:30')
  })

  it('are run by hand, and lead to their tasks', async () => {
    const { user, router } = renderApp('/automations')
    const found = within(await row('Morning report'))
    await user.click(found.getByRole('button', { name: 'Run now' }))
    await user.click(found.getByText('Runs'))
    const link = await found.findByRole('link', { name: /Show task/ })
    expect(link).toHaveTextContent('Queued')
    await user.click(link)
    await waitFor(() => expect(router.state.location.pathname).toMatch(/^\/tasks\/.+/))
  })

  it('are turned off and on, and deleted after a second press', async () => {
    const { user, backend } = renderApp('/automations')
    const found = within(await row('Morning report'))
    await user.click(found.getByRole('button', { name: 'Turn off' }))
    await user.click(await found.findByRole('button', { name: 'Turn on' }))
    await user.click(found.getByRole('button', { name: 'Delete' }))
    await user.click(found.getByRole('button', { name: 'Keep' }))
    expect(backend.log.some((line) => line.startsWith('DELETE'))).toBe(false)
    await user.click(found.getByRole('button', { name: 'Delete' }))
    await user.click(found.getByRole('button', { name: 'Delete it?' }))
    await screen.findByText('No schedules yet')
  })
})

describe('webhooks', () => {
  it('show their secret once, when they are made', async () => {
    const { user } = renderApp('/automations')
    await user.click(await screen.findByRole('button', { name: 'New webhook' }))
    const form = within(screen.getByRole('form', { name: 'New webhook' }))
    expect(form.getByRole('button', { name: 'Create webhook' })).toBeDisabled()
    await user.type(form.getByLabelText('Name'), 'Deploys')
    await user.click(form.getByLabelText('What should be done?'))
    await user.paste('Check {{payload.url}}')
    await user.click(form.getByRole('button', { name: 'Create webhook' }))
    const note = within(await screen.findByRole('region', { name: 'The new secret' }))
    note.getByText('whsec_of-the-mock-1')
    note.getByText(/\/api\/v1\/hooks\//)
    await user.click(note.getByRole('button', { name: 'I have stored it' }))
    await row('Deploys')
    expect(screen.queryByText('whsec_of-the-mock-1')).not.toBeInTheDocument()
  })

  it('get a new secret after a second press', async () => {
    const { user } = renderApp('/automations')
    const found = within(await row('New issues'))
    await user.click(found.getByRole('button', { name: 'New secret' }))
    await user.click(found.getByRole('button', { name: 'Replace it?' }))
    await found.findByText('whsec_of-the-mock-1')
    await user.click(found.getByRole('button', { name: 'I have stored it' }))
    expect(found.queryByText('whsec_of-the-mock-1')).not.toBeInTheDocument()
  })

  it('are turned off and deleted', async () => {
    const { user } = renderApp('/automations')
    const found = within(await row('New issues'))
    await user.click(found.getByRole('button', { name: 'Turn off' }))
    await found.findByRole('button', { name: 'Turn on' })
    await user.click(found.getByRole('button', { name: 'Delete' }))
    await user.click(found.getByRole('button', { name: 'Delete it?' }))
    await screen.findByText('No webhooks yet')
  })
})
