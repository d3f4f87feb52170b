import { screen, within } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { renderApp } from '@/mocks/render-app'

const row = (name: string) => screen.findByRole('listitem', { name })

type App = ReturnType<typeof renderApp>

async function onTab(name: string, options?: Parameters<typeof renderApp>[1]): Promise<App> {
  const app = renderApp('/models', options)
  await app.user.click(await screen.findByRole('tab', { name }))
  return app
}

async function setUp(user: App['user'], name: string) {
  const found = within(await row(name))
  await user.click(found.getByRole('button', { name: 'Set up' }))
  return found
}

describe('providers', () => {
  it('say how they are, those that work first', async () => {
    renderApp('/models')
    within(await row('OpenAI')).getByText('Ready')
    const groq = within(await row('Groq'))
    groq.getByText('Not set up')
    groq.getByText('Set GROQ_API_KEY.')
    const panel = within(screen.getByRole('tabpanel'))
    const names = panel.getAllByRole('listitem').map((item) => item.getAttribute('aria-label'))
    expect(names).toEqual(['OpenAI', 'Ollama', 'Groq'])
  })

  it('are switched off and on', async () => {
    const { user, backend } = renderApp('/models')
    const found = within(await row('OpenAI'))
    await user.click(found.getByRole('button', { name: 'Turn off' }))
    await found.findByText('Off')
    expect(backend.state.gateway.providers[0]?.enabled).toBe(false)
    await user.click(found.getByRole('button', { name: 'Turn on' }))
    await found.findByText('Ready')
  })

  it('take a key, which is shown nowhere', async () => {
    const { user } = renderApp('/models')
    const found = await setUp(user, 'OpenAI')
    await user.type(found.getByLabelText('New key'), 'sk-secret-of-mine-9876')
    await user.type(found.getByLabelText('Name'), 'work')
    await user.click(found.getByRole('button', { name: 'Add key' }))
    within(await row('work')).getByText('…9876')
    expect(document.body.innerHTML).not.toContain('sk-secret-of-mine')
    await expect.poll(() => found.getByLabelText('New key')).toHaveValue('')
    await user.type(found.getByLabelText('New key'), 'sk-another')
    await user.type(found.getByLabelText('Name'), 'work')
    await user.click(found.getByRole('button', { name: 'Add key' }))
    await found.findByText(/a key called 'work' already/)
  })

  it('test, switch off and remove a key', async () => {
    const { user, backend } = renderApp('/models')
    await setUp(user, 'OpenAI')
    const key = within(await row('key 1'))
    await user.click(key.getByRole('button', { name: 'Test' }))
    await key.findByText('It works: 2 models, 87 ms.')
    await user.click(key.getByRole('button', { name: 'Turn off' }))
    await key.findByText('Off')
    await user.click(key.getByRole('button', { name: 'Remove' }))
    await user.click(key.getByRole('button', { name: 'Remove it?' }))
    await screen.findByText(/None yet/)
    expect(backend.state.gateway.providers[0]?.credentials).toEqual([])
  })

  it('say why a key is not used', async () => {
    const { user } = renderApp('/models', {
      prepare: ({ state }) => {
        const key = state.gateway.providers[0]?.credentials?.[0]
        Object.assign(key ?? {}, {
          state: 'refused',
          reason: '401: No such key.',
          last_four: 'bad!',
        })
      },
    })
    await setUp(user, 'OpenAI')
    const key = within(await row('key 1'))
    key.getByText('Refused')
    key.getByText(/No such key/)
    await user.click(key.getByRole('button', { name: 'Test' }))
    await key.findByText(/Incorrect API key provided/)
  })

  it('are added as servers of one’s own, and deleted', async () => {
    const { user, backend } = renderApp('/models')
    await user.click(await screen.findByRole('button', { name: 'Add a server' }))
    const form = within(screen.getByRole('form', { name: 'Add a server' }))
    await user.type(form.getByLabelText('Short name'), 'lab')
    await user.type(form.getByLabelText('Address'), 'http://169.254.169.254/v1')
    await user.click(form.getByRole('button', { name: 'Add server' }))
    await form.findByText(/link-local addresses are refused/)
    await user.clear(form.getByLabelText('Address'))
    await user.type(form.getByLabelText('Address'), 'http://10.0.0.5:8000/v1')
    await user.type(form.getByLabelText('Title'), 'The lab')
    await user.type(form.getByLabelText('Further headers'), 'X-Team: blue')
    await user.click(form.getByRole('button', { name: 'Add server' }))
    const found = within(await row('The lab'))
    const made = backend.state.gateway.providers.find(({ slug }) => slug === 'lab')
    expect(made).toMatchObject({ base_url: 'http://10.0.0.5:8000/v1', header_names: ['X-Team'] })
    await user.click(found.getByRole('button', { name: 'Delete' }))
    await user.click(found.getByRole('button', { name: 'Delete it and its keys?' }))
    await expect.poll(() => screen.queryByText('The lab')).toBeNull()
  })

  it('get another address and a default model', async () => {
    const { user, backend } = renderApp('/models')
    const found = await setUp(user, 'Ollama')
    expect(found.queryByText('Keys')).not.toBeInTheDocument()
    await user.clear(found.getByLabelText('Address'))
    await user.type(found.getByLabelText('Address'), 'http://10.0.0.7:11434')
    await user.type(found.getByLabelText('Default model'), 'qwen3')
    await user.click(found.getByRole('button', { name: 'Save' }))
    await found.findByText('http://10.0.0.7:11434')
    expect(backend.state.gateway.providers[2]?.default_model).toBe('qwen3')
  })
})

describe('models', () => {
  it('show context and price with their source, unknown as unknown', async () => {
    await onTab('Models')
    const known = within(await row('gpt-5-mini'))
    known.getByText('0.25 / 2')
    known.getByText('Nova’s table, 2026-11-23')
    known.getByText('272K')
    within(await row('github/openai/gpt-4.1')).getByText('unknown')
    within(await row('ollama/llama3.2')).getByText('costs nothing')
  })

  it('are found by a part of their name', async () => {
    const { user } = await onTab('Models')
    await user.type(await screen.findByLabelText('Find a model'), 'LLAMA')
    expect(within(screen.getByRole('tabpanel')).getAllByRole('listitem')).toHaveLength(1)
    await user.type(screen.getByLabelText('Find a model'), 'x')
    screen.getByText('No model has this in its name')
  })

  it('take a price that a person knows, whole or not at all', async () => {
    const { user, backend } = await onTab('Models')
    const found = within(await row('github/openai/gpt-4.1'))
    await user.click(found.getByRole('button', { name: /Price of/ }))
    expect(found.getByRole('button', { name: 'Take back' })).toBeDisabled()
    await user.type(found.getByLabelText('Input, $ per million'), '2')
    await user.click(found.getByRole('button', { name: 'Save' }))
    await found.findByText('A price needs both input and output.')
    await user.type(found.getByLabelText('Output, $ per million'), '8')
    await user.click(found.getByRole('button', { name: 'Save' }))
    await found.findByText('2 / 8')
    expect(backend.log).toContain('PUT /v1/models/overrides/github%2Fopenai%2Fgpt-4.1')
  })

  it('say what to do when there is none', async () => {
    await onTab('Models', {
      prepare: ({ state }) => {
        state.gateway.models = []
      },
    })
    await screen.findByText('No model can be used now')
  })
})

describe('defaults', () => {
  it('are saved, only what was changed', async () => {
    const { user, backend } = await onTab('Defaults')
    await user.selectOptions(await screen.findByLabelText('Where auto looks'), 'cloud-only')
    const aliases = screen.getByLabelText('Aliases')
    expect(aliases).toHaveValue('fast = groq/openai/gpt-oss-20b')
    await user.type(aliases, '\nclaude-* = auto')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await screen.findByText('Saved.')
    expect(backend.state.gateway.config).toMatchObject({
      'llm.routing_strategy': 'cloud-only',
      'llm.aliases': { fast: 'groq/openai/gpt-oss-20b', 'claude-*': 'auto' },
    })
    expect(backend.log.filter((line) => line.startsWith('PATCH'))).toHaveLength(2)
  })

  it('say which line is no alias', async () => {
    const { user } = await onTab('Defaults')
    await user.type(await screen.findByLabelText('Aliases'), '\nnonsense')
    await user.click(screen.getByRole('button', { name: 'Save' }))
    await screen.findByText('“nonsense” is not name = model.')
  })
})

describe('ollama', () => {
  it('pulls a model and shows it', async () => {
    const { user } = await onTab('Ollama')
    within(await row('llama3.2:latest')).getByText('In memory')
    await user.type(screen.getByLabelText('Model to pull'), 'qwen3')
    await user.click(screen.getByRole('button', { name: 'Pull' }))
    await screen.findByText('qwen3 is there.')
    await row('qwen3')
  })

  it('says why a pull failed', async () => {
    const { user } = await onTab('Ollama')
    await user.type(await screen.findByLabelText('Model to pull'), 'no-such')
    await user.click(screen.getByRole('button', { name: 'Pull' }))
    await screen.findByText(/file does not exist/)
  })

  it('deletes after a second press', async () => {
    const { user } = await onTab('Ollama')
    const found = within(await row('llama3.2:latest'))
    await user.click(found.getByRole('button', { name: 'Delete' }))
    await user.click(found.getByRole('button', { name: 'Delete it?' }))
    await screen.findByText('Ollama has no model yet')
  })

  it('says what to set when it is not set up', async () => {
    await onTab('Ollama', {
      prepare: ({ state }) => {
        state.gateway.providers = []
      },
    })
    await screen.findByText('Ollama is not set up')
  })
})
