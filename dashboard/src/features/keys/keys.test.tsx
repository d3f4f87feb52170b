import { screen, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { apiKey } from '@/mocks/data'
import { renderApp } from '@/mocks/render-app'

const row = (name: string) => screen.findByRole('listitem', { name })

async function fillNew(user: ReturnType<typeof renderApp>['user']) {
  await user.click(await screen.findByRole('button', { name: 'New key' }))
  return within(screen.getByRole('form', { name: 'New key' }))
}

describe('API keys', () => {
  it('are listed with what they may do and their last use', async () => {
    renderApp('/keys', {
      prepare: ({ state }) => {
        state.keys = [
          apiKey({
            name: 'Robot',
            rate_limit_tpm: 5000,
            budget_usd: 2.5,
            max_concurrent_tasks: 3,
            allowed_models: ['ollama/*', 'gpt-5-mini'],
          }),
          apiKey({
            name: 'Old',
            last_used_at: null,
            expires_at: '2020-01-01T00:00:00Z',
            allowed_models: [],
            scopes: [],
          }),
        ]
      },
    })
    const robot = within(await row('Robot'))
    robot.getByText(
      '60 requests and 5,000 tokens a minute · $2.50 in all · 3 tasks at once · ollama/*, gpt-5-mini',
    )
    robot.getByText(/last used/)
    robot.getByText('chat, memory, models, tasks')
    const old = within(await row('Old'))
    old.getByText('60 requests a minute · no budget · no model')
    old.getByText('never used')
    old.getByText('no scopes')
    old.getByText('Expired')
  })

  it('are made with their limits, and shown this once', async () => {
    const { user, backend } = renderApp('/keys')
    const form = await fillNew(user)
    await user.type(form.getByLabelText('Name'), 'Robot')
    await user.click(form.getByRole('checkbox', { name: 'memory' }))
    await user.clear(form.getByLabelText('Requests a minute'))
    await user.type(form.getByLabelText('Requests a minute'), '10')
    await user.type(form.getByLabelText('Tokens a minute'), '5000')
    await user.type(form.getByLabelText('Budget, $'), '2.5')
    await user.type(form.getByLabelText('Tasks at once'), '3')
    await user.selectOptions(form.getByLabelText('Models'), 'Only these')
    await user.type(form.getByLabelText('Allowed models'), 'ollama/*\n gpt-5-mini \n')
    await user.click(form.getByRole('button', { name: 'Create key' }))
    const note = within(await screen.findByRole('region', { name: 'The new key' }))
    note.getByText('sk-nova-secret-of-the-mock-1')
    expect(backend.state.keys[0]).toMatchObject({
      name: 'Robot',
      scopes: ['chat', 'tasks', 'models'],
      rate_limit_rpm: 10,
      rate_limit_tpm: 5000,
      budget_usd: 2.5,
      max_concurrent_tasks: 3,
      allowed_models: ['ollama/*', 'gpt-5-mini'],
    })
    await user.click(note.getByRole('button', { name: 'I have stored it' }))
    await row('Robot')
    expect(document.body.innerHTML).not.toContain('secret-of-the-mock')
  })

  it('without limits have the usual rate and every model', async () => {
    const { user, backend } = renderApp('/keys')
    const form = await fillNew(user)
    await user.type(form.getByLabelText('Name'), 'Free')
    await user.click(form.getByRole('button', { name: 'Create key' }))
    await screen.findByRole('region', { name: 'The new key' })
    expect(backend.state.keys[0]).toMatchObject({
      rate_limit_rpm: 60,
      rate_limit_tpm: null,
      budget_usd: null,
      allowed_models: null,
      expires_at: null,
    })
  })

  it('that would have ended are refused, and the form keeps what was typed', async () => {
    const { user, backend } = renderApp('/keys')
    const form = await fillNew(user)
    await user.type(form.getByLabelText('Name'), 'Late')
    await user.type(form.getByLabelText('Valid until'), '2020-01-01T10:00')
    await user.click(form.getByRole('button', { name: 'Create key' }))
    await form.findByText('expires_at: it lies in the past.')
    expect(form.getByLabelText('Name')).toHaveValue('Late')
    expect(backend.state.keys).toHaveLength(1)
  })

  it('get other limits', async () => {
    const { user, backend } = renderApp('/keys', {
      prepare: ({ state }) => {
        state.keys = [apiKey({ budget_usd: 5, allowed_models: ['gpt-*'] })]
      },
    })
    const found = within(await row('Laptop'))
    await user.click(found.getByRole('button', { name: 'Limits' }))
    const form = within(found.getByRole('form', { name: 'Limits of Laptop' }))
    expect(form.getByLabelText('Allowed models')).toHaveValue('gpt-*')
    await user.clear(form.getByLabelText('Budget, $'))
    await user.selectOptions(form.getByLabelText('Models'), 'All models')
    await user.type(form.getByLabelText('Tokens a minute'), '9000')
    await user.click(form.getByRole('button', { name: 'Save' }))
    await found.findByText('60 requests and 9,000 tokens a minute · no budget · all models')
    expect(backend.state.keys[0]).toMatchObject({ budget_usd: null, allowed_models: null })
    expect(found.queryByRole('form')).toBeNull()
  })

  it('that may use no model keep that when another limit is changed', async () => {
    const { user, backend } = renderApp('/keys', {
      prepare: ({ state }) => {
        state.keys = [apiKey({ allowed_models: [] })]
      },
    })
    const found = within(await row('Laptop'))
    await user.click(found.getByRole('button', { name: 'Limits' }))
    const form = within(found.getByRole('form', { name: 'Limits of Laptop' }))
    await user.type(form.getByLabelText('Budget, $'), '1')
    await user.click(form.getByRole('button', { name: 'Save' }))
    await found.findByText('60 requests a minute · $1.00 in all · no model')
    expect(backend.state.keys[0]).toMatchObject({ allowed_models: [] })
  })

  it('are revoked after a second question', async () => {
    const { user, backend } = renderApp('/keys')
    const found = within(await row('Laptop'))
    await user.click(found.getByRole('button', { name: 'Revoke' }))
    await user.click(found.getByRole('button', { name: 'Keep' }))
    expect(backend.state.keys).toHaveLength(1)
    await user.click(found.getByRole('button', { name: 'Revoke' }))
    await user.click(found.getByRole('button', { name: 'Revoke it for good?' }))
    await screen.findByText('No keys yet')
  })
})
