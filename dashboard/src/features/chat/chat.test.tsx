import { screen, waitFor, within } from '@testing-library/react'
import { describe, expect, it, vi } from 'vitest'
import { renderApp } from '@/mocks/render-app'
import { number, type Timed } from '@/mocks/sse'

function script(taskId: string, sessionId: string, ...events: Timed['event'][]): Timed[] {
  return number([
    { after: 0, event: { type: 'meta', model: 'm', session_id: sessionId, task_id: taskId } },
    ...events.map((event) => ({ after: 0, event })),
    { after: 0, event: { type: 'usage', input_tokens: 1, output_tokens: 1, cost_usd: 0 } },
  ])
}

async function say(user: ReturnType<typeof renderApp>['user'], text: string) {
  await user.type(await screen.findByLabelText('Message'), `${text}{Enter}`)
}

describe('chat', () => {
  it('starts a conversation, shows tools and the answer, and lists it', async () => {
    const { user, router } = renderApp('/chat')
    await say(user, 'What is in the workspace?')
    await screen.findByText(/was changed last/)
    expect(router.state.location.pathname).toMatch(/^\/chat\/.+/)
    const list = screen.getByRole('complementary', { name: 'Conversations' })
    await within(list).findByText('What is in the workspace?')
    expect(screen.getAllByRole('article', { name: "Nova's answer" })).toHaveLength(1)
  })

  it('shows a stored conversation', async () => {
    const { backend, router } = renderApp('/chat')
    await screen.findByLabelText('Message')
    await router.navigate(`/chat/${backend.state.sessions[0]?.id}`)
    await screen.findByText('214 words')
  })

  it('goes on where it was when the connection is cut', async () => {
    const { user, backend } = renderApp('/chat', {
      prepare: ({ chat }) => {
        chat.script = (task, session) => script(task, session, { delta: 'one ' }, { delta: 'two' })
        chat.cutAfter = 2
      },
    })
    await say(user, 'Hello')
    await screen.findByText('one two')
    expect(backend.log.some((line) => /^GET \/api\/v1\/tasks\/.+\/events$/.test(line))).toBe(true)
  })

  it('drops what a rewind makes void', async () => {
    const { user } = renderApp('/chat', {
      prepare: ({ chat }) => {
        chat.script = (task, session) =>
          script(
            task,
            session,
            { delta: 'void' },
            { type: 'rewind', to: 1 },
            { delta: 'valid' },
            { type: 'error', detail: 'cut off', code: 'x' },
          )
      },
    })
    await say(user, 'Hello')
    await screen.findByText('cut off')
    expect(screen.queryByText(/^void/)).not.toBeInTheDocument()
  })

  it('follows a turn that runs already, as after a reload', async () => {
    const { backend, router } = renderApp('/chat')
    await screen.findByLabelText('Message')
    const id = backend.state.sessions[1]?.id ?? ''
    backend.chat.turns.set('running', {
      sessionId: id,
      running: true,
      events: script('running', id, { delta: 'still here' }),
    })
    await router.navigate(`/chat/${id}`)
    await screen.findByText('still here')
  })

  it('stops an answer', async () => {
    const { user, backend } = renderApp('/chat', {
      prepare: ({ chat }) => {
        chat.script = (task, session) => [
          ...script(task, session, { delta: 'begun' }).slice(0, 2),
          { id: 9, after: 1e9, event: { delta: 'never' } },
        ]
        Object.assign(chat, { pace: 1 })
      },
    })
    Object.assign(backend, { pace: 1 })
    await say(user, 'Tell me everything')
    await user.click(await screen.findByRole('button', { name: 'Stop the answer' }))
    await waitFor(() =>
      expect(backend.log.some((line) => /^POST \/api\/v1\/tasks\/.+\/cancel$/.test(line))).toBe(
        true,
      ),
    )
  })

  it('keeps the text and says why when a message was not taken', async () => {
    const { user, backend } = renderApp('/chat')
    const field = await screen.findByLabelText('Message')
    await user.type(field, 'Hello')
    backend.state.orchestratorUp = false
    await user.keyboard('{Enter}')
    await screen.findByText('orchestrator is not reachable.')
    expect(field).toHaveValue('Hello')
  })

  it('deletes a conversation after asking', async () => {
    vi.spyOn(window, 'confirm').mockReturnValue(true)
    const { user } = renderApp('/chat')
    await user.click(await screen.findByRole('button', { name: 'Delete Word counts' }))
    await waitFor(() => expect(screen.queryByText('Word counts')).not.toBeInTheDocument())
  })
})
