import { screen, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { endpoint } from '@/mocks/data'
import { renderApp } from '@/mocks/render-app'

const row = (name: string) => screen.findByRole('listitem', { name })

describe('agents', () => {
  it('show what they do now and what they may use', async () => {
    renderApp('/agents')
    const primary = within(await row('Nova'))
    primary.getByText('Running')
    primary.getByText('Primary')
    primary.getByText('all tools')
    expect(primary.getByRole('button', { name: 'Delete' })).toBeDisabled()
    const other = within(await row('Researcher'))
    other.getByText('Idle')
    other.getByText('1 tool')
    other.getByText('never used')
  })

  it('are made with chosen tools', async () => {
    const { user, backend } = renderApp('/agents')
    await user.click(await screen.findByRole('button', { name: 'New agent' }))
    const form = within(await screen.findByRole('form', { name: 'New agent' }))
    await user.type(form.getByLabelText('Name'), 'Poet')
    await user.type(form.getByLabelText('System prompt'), 'You rhyme.')
    await user.selectOptions(form.getByLabelText('Tools'), 'Only those chosen here')
    await user.click(await form.findByRole('checkbox', { name: 'read_file' }))
    await user.click(form.getByRole('button', { name: 'Create agent' }))
    await row('Poet')
    expect(screen.queryByRole('form')).not.toBeInTheDocument()
    expect(backend.state.agents[0]?.config).toMatchObject({
      model: 'auto',
      system_prompt: 'You rhyme.',
      tools: ['read_file'],
    })
  })

  it('are changed, and keep a tool that is not offered now', async () => {
    const { user, backend } = renderApp('/agents')
    const found = within(await row('Researcher'))
    await user.click(found.getByRole('button', { name: 'Edit' }))
    const form = within(await found.findByRole('form', { name: 'Edit Researcher' }))
    expect(await form.findByRole('checkbox', { name: 'recall' })).toBeChecked()
    await user.click(form.getByRole('checkbox', { name: 'run_shell' }))
    await user.clear(form.getByLabelText('Model'))
    await user.type(form.getByLabelText('Model'), 'ollama/qwen3')
    await user.click(form.getByRole('button', { name: 'Save' }))
    await found.findByText('ollama/qwen3')
    expect(backend.state.agents[0]?.config.tools).toEqual(['run_shell', 'recall'])
  })

  it('are deleted after a second press, unless they work', async () => {
    const { user, backend } = renderApp('/agents')
    const found = within(await row('Researcher'))
    const busy = backend.state.agents[0]
    if (busy !== undefined) busy.status = 'running'
    await user.click(found.getByRole('button', { name: 'Delete' }))
    await user.click(found.getByRole('button', { name: 'Delete it?' }))
    await found.findByText(/tasks of the agent have not ended/)
    if (busy !== undefined) busy.status = 'idle'
    await user.click(found.getByRole('button', { name: 'Delete' }))
    await user.click(found.getByRole('button', { name: 'Delete it?' }))
    await expect.poll(() => screen.queryByText('Researcher')).toBeNull()
  })
})

describe('external agents', () => {
  it('say what they are for when there is none', async () => {
    renderApp('/agents', {
      prepare: ({ state }) => {
        state.endpoints = []
      },
    })
    await screen.findByText('No external agents yet')
  })

  it('are connected, with a token that is shown nowhere', async () => {
    const { user } = renderApp('/agents')
    await user.click(await screen.findByRole('button', { name: 'Connect agent' }))
    const form = within(screen.getByRole('form', { name: 'Connect agent' }))
    await user.type(form.getByLabelText('Name'), 'Weather')
    await user.type(form.getByLabelText('Address'), 'http://agent.example/')
    await user.type(form.getByLabelText('Token'), 'very secret')
    await user.click(form.getByRole('button', { name: 'Connect' }))
    await form.findByText("There is an endpoint called 'Weather' already.")
    await user.type(form.getByLabelText('Name'), ' two')
    await user.click(form.getByRole('button', { name: 'Connect' }))
    expect(await row('Weather two')).toHaveTextContent('with a token')
    expect(document.body).not.toHaveTextContent('very secret')
  })

  it('are tested', async () => {
    const { user } = renderApp('/agents', {
      prepare: ({ state }) => {
        state.endpoints = [
          endpoint({ name: 'Good' }),
          endpoint({ name: 'Bad', has_auth_token: false }),
        ]
      },
    })
    await user.click(within(await row('Good')).getByRole('button', { name: 'Test' }))
    await screen.findByText(/It answers \(12 ms\): Good, A2A 1.0/)
    await user.click(within(await row('Bad')).getByRole('button', { name: 'Test' }))
    await screen.findByText('Bad refuses the credential (401).')
  })

  it('are turned off and deleted', async () => {
    const { user } = renderApp('/agents')
    const found = within(await row('Weather'))
    await user.click(found.getByRole('button', { name: 'Turn off' }))
    await found.findByRole('button', { name: 'Turn on' })
    await user.click(found.getByRole('button', { name: 'Delete' }))
    await user.click(found.getByRole('button', { name: 'Delete it?' }))
    await screen.findByText('No external agents yet')
  })
})
