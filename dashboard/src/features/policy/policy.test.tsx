import { screen, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { rule } from '@/mocks/policy'
import { renderApp } from '@/mocks/render-app'

const row = (name: string) => screen.findByRole('listitem', { name })

describe('rules', () => {
  it('that ship with Nova are turned off, not deleted', async () => {
    const { user, backend } = renderApp('/policy')
    const shipped = within(await row('no-rm-rf'))
    shipped.getByText('System')
    shipped.getByText('built-in check')
    expect(shipped.getByRole('button', { name: 'Delete' })).toBeDisabled()
    await user.click(shipped.getByRole('button', { name: 'Turn off' }))
    await shipped.findByRole('button', { name: 'Turn on' })
    expect(backend.state.rules[0]?.enabled).toBe(false)
  })

  it('are made, and say what is wrong with a pattern', async () => {
    const { user, backend } = renderApp('/policy')
    await user.click(await screen.findByRole('button', { name: 'New rule' }))
    const form = within(screen.getByRole('form', { name: 'New rule' }))
    await user.type(form.getByLabelText('Rule'), 'Pay nobody.')
    await user.type(form.getByLabelText('Pattern'), '(')
    await user.type(form.getByLabelText('Tools'), 'run_shell, mcp__*')
    await user.selectOptions(form.getByLabelText('A call it matches'), 'Ask a person')
    await user.click(form.getByRole('button', { name: 'Create rule' }))
    await form.findByText(/not a regular expression/)
    await user.type(form.getByLabelText('Pattern'), 'pay)')
    await user.click(form.getByRole('button', { name: 'Create rule' }))
    const made = within(await row('rule-1234'))
    made.getByText('asks a person first')
    expect(backend.state.rules[0]).toMatchObject({
      pattern: '(pay)',
      target_tools: ['run_shell', 'mcp__*'],
      action: 'require_approval',
    })
  })

  it('are for some pods, or some agents', async () => {
    const { user, backend } = renderApp('/policy')
    await user.click(await screen.findByRole('button', { name: 'New rule' }))
    const form = within(screen.getByRole('form', { name: 'New rule' }))
    await user.type(form.getByLabelText('Rule'), 'Pay nobody.')
    await user.type(form.getByLabelText('Pattern'), 'pay')
    await user.selectOptions(form.getByLabelText('For whom'), 'Some agents')
    await form.findByLabelText('Researcher')
    await user.selectOptions(form.getByLabelText('For whom'), 'The agents of some pods')
    await user.click(await form.findByLabelText('Quartet'))
    await user.click(form.getByRole('button', { name: 'Create rule' }))
    const made = within(await row('rule-1234'))
    made.getByText('for some pods only')
    const quartet = backend.state.pods[0]?.id
    expect(backend.state.rules[0]).toMatchObject({
      scope: 'pod',
      pod_ids: [quartet],
      agent_ids: [],
    })
    await user.click(made.getByRole('button', { name: 'Edit' }))
    expect(await made.findByLabelText('Quartet')).toBeChecked()
    expect(made.getByLabelText('Quick Reply')).not.toBeChecked()
  })

  it('keep targets that are not listed', async () => {
    const { user, backend } = renderApp('/policy', {
      prepare: ({ state }) => {
        state.rules = [rule({ name: 'own', scope: 'agent', agent_ids: ['aaaa-of-a-pod'] })]
      },
    })
    const found = within(await row('own'))
    await user.click(found.getByRole('button', { name: 'Edit' }))
    await user.click(await found.findByLabelText('Researcher'))
    await user.click(found.getByRole('button', { name: 'Save' }))
    await found.findByRole('button', { name: 'Edit' })
    const researcher = backend.state.agents[0]?.id
    expect(backend.state.rules[0]?.agent_ids).toEqual([researcher, 'aaaa-of-a-pod'])
  })

  it('are tried on a call and on a text', async () => {
    const { user } = renderApp('/policy')
    const shipped = within(await row('no-rm-rf'))
    await user.click(shipped.getByRole('button', { name: 'Test' }))
    const text = shipped.getByLabelText('Arguments as JSON, or a text')
    await user.type(text, 'rm -rf x')
    await user.click(shipped.getByRole('button', { name: 'Try it' }))
    await shipped.findByText('It matches.')
    await user.type(shipped.getByLabelText('Tool'), 'run_shell')
    await user.click(shipped.getByRole('button', { name: 'Try it' }))
    await shipped.findByText(/no JSON object/)
    await user.clear(text)
    await user.type(text, '{{"command": "ls"}')
    await user.click(shipped.getByRole('button', { name: 'Try it' }))
    await shipped.findByText('It does not match.')
  })
})

describe('skills', () => {
  it('are made with the parameters that their content names', async () => {
    const { user, backend } = renderApp('/policy')
    await user.click(await screen.findByRole('button', { name: 'New skill' }))
    const form = within(screen.getByRole('form', { name: 'New skill' }))
    await user.type(form.getByLabelText('Name'), 'brief')
    await user.type(form.getByLabelText('Content'), 'In {{{{count}} words, not \\{{{{this}}.')
    await user.click(form.getByRole('button', { name: 'Create skill' }))
    within(await row('brief')).getByText('takes count')
    expect(backend.state.skills[0]?.parameters).toEqual([{ name: 'count', required: true }])
  })

  it('are changed and deleted', async () => {
    const { user } = renderApp('/policy')
    const found = within(await row('polite'))
    await user.click(found.getByRole('button', { name: 'Edit' }))
    await user.type(found.getByLabelText('Priority'), '7')
    await user.click(found.getByRole('button', { name: 'Save' }))
    await found.findByText('priority 7')
    await user.click(found.getByRole('button', { name: 'Delete' }))
    await user.click(found.getByRole('button', { name: 'Delete it?' }))
    await screen.findByText('No skills yet')
  })
})
