/** The only way to the services: typed by their own documents, with the session's CSRF token. */
import createClient from 'openapi-fetch'
import { ApiError, errorFrom, networkError } from './errors'
import type { paths as GatewayPaths } from './generated/llm-gateway'
import type { components, paths as OrchestratorPaths } from './generated/orchestrator'
import type { paths as RecoveryPaths } from './generated/recovery'

type SessionInfo = components['schemas']['SessionInfo']

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

// In memory only: after a reload it is read again from GET /api/v1/session.
let csrfToken: string | null = null

export function setCsrfToken(token: string | null): void {
  csrfToken = token
}

/**
 * `fetch` with the CSRF token, and with every failure as an ApiError. A login in another tab
 * changes the token; it is read again then, and the write made once more.
 */
export async function request(input: Request): Promise<Response> {
  if (SAFE_METHODS.has(input.method)) return await send(input)
  const again = input.clone()
  try {
    return await send(withToken(input))
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'csrf_token_wrong') throw error
  }
  const session = await send(new Request(absolute('/api/v1/session')))
  setCsrfToken(((await session.json()) as SessionInfo).csrf_token)
  return await send(withToken(again))
}

function withToken(input: Request): Request {
  if (csrfToken !== null) input.headers.set('X-CSRF-Token', csrfToken)
  return input
}

async function send(input: Request): Promise<Response> {
  let response: Response
  try {
    response = await fetch(input)
  } catch (error) {
    if (input.signal.aborted) throw error
    throw networkError()
  }
  if (!response.ok) throw await errorFrom(response)
  return response
}

/** A relative address made whole: outside a browser `Request` takes no relative one. */
export function absolute(path: string): string {
  return new URL(path, window.location.origin).toString()
}

export const orchestrator = createClient<OrchestratorPaths>({
  fetch: request,
  baseUrl: absolute('/'),
})
export const gateway = createClient<GatewayPaths>({
  fetch: request,
  baseUrl: absolute('/'),
})
export const recovery = createClient<RecoveryPaths>({
  fetch: request,
  baseUrl: absolute('/recovery-api'),
})

/** The answer's data; `request` has thrown already if there is none. */
export function dataOf<T>(result: { data?: T; response: Response }): T {
  if (result.data === undefined) {
    throw new ApiError('The server sent an empty answer.', {
      status: result.response.status,
      code: 'empty_answer',
    })
  }
  return result.data
}

export function totalOf(response: Response): number | null {
  const total = response.headers.get('X-Total-Count')
  return total === null ? null : Number(total)
}
