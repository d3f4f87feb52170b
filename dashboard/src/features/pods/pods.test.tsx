import { screen, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { pod } from '@/mocks/data'
import { renderApp } from '@/mocks/render-app'

const row = (name: string) => screen.findByRole('listitem', { name })

describe('limits of pods', () => {
  it('are set and taken away', async () => {
    const { user, backend } = renderApp('/pods', {
      prepare: ({ state }) => {
        state.pods = [pod('Quartet', { max_cost_usd: 2.5, max_execution_seconds: 300 })]
      },
    })
    const found = within(await row('Quartet'))
    found.getByText('2.5 $ a task')
    found.getByText('300 s a task')
    await user.click(found.getByRole('button', { name: 'Edit' }))
    const form = within(found.getByRole('form', { name: 'Limits of Quartet' }))
    await user.type(form.getByLabelText('Tasks at once'), '2')
    await user.clear(form.getByLabelText('USD a task'))
    await user.type(form.getByLabelText('USD a day'), '0')
    await user.click(form.getByRole('button', { name: 'Save' }))
    await found.findByText('2 at once')
    found.getByText('0 $ a day')
    expect(found.queryByText(/a task$/, { selector: 'form *' })).not.toBeInTheDocument()
    expect(backend.state.pods[0]).toMatchObject({
      max_concurrent_tasks: 2,
      max_cost_usd: null,
      daily_budget_usd: 0,
      max_execution_seconds: 300,
    })
  })

  it('that are refused stay in the form with the reason', async () => {
    const { user } = renderApp('/pods')
    const found = within(await row('Quartet'))
    await user.click(found.getByRole('button', { name: 'Edit' }))
    const field = found.getByLabelText('Tasks at once')
    await user.type(field, '9000000')
    await user.click(found.getByRole('button', { name: 'Save' }))
    await found.findByText('max_concurrent_tasks: too much.')
    expect(field).toHaveValue(9_000_000)
  })
})
