/** API keys: made, limited and revoked. */
import type { ApiKey, ApiKeyLimits, CreateApiKey } from '@/api/types'
import { apiKey } from './data'
import { type Handler, json, type MockContext, problem } from './state'

const KEYS = '/api/v1/keys'
const DEFAULT_SCOPES = ['chat', 'memory', 'models', 'tasks']

export class KeyMock {
  private readonly backend: MockContext
  private made = 0

  constructor(backend: MockContext) {
    this.backend = backend
  }

  routes(): [string, Handler][] {
    return [
      [`GET ${KEYS}`, () => this.list()],
      [`POST ${KEYS}`, ({ request }) => this.create(request)],
      [`PATCH ${KEYS}/*`, this.forKey(limited)],
      [`DELETE ${KEYS}/*`, this.forKey((found) => this.revoke(found))],
    ]
  }

  private list(): Response {
    const { keys } = this.backend.state
    return json(keys, 200, { 'X-Total-Count': String(keys.length) })
  }

  private forKey(
    handle: (found: ApiKey, request: Request) => Response | Promise<Response>,
  ): Handler {
    return ({ request, ids }) => {
      const found = this.backend.state.keys.find(({ id }) => id === ids[0])
      return found === undefined
        ? problem(404, 'key_not_found', `There is no key ${ids[0]}.`)
        : handle(found, request)
    }
  }

  private async create(request: Request): Promise<Response> {
    const body = (await request.json()) as CreateApiKey
    if (body.expires_at != null && Date.parse(body.expires_at) < Date.now()) {
      return problem(422, 'already_expired', 'expires_at: it lies in the past.')
    }
    this.made += 1
    const raw = `sk-nova-secret-of-the-mock-${this.made}`
    const key = apiKey({
      ...body,
      scopes: body.scopes ?? DEFAULT_SCOPES,
      key_prefix: raw.slice(0, 12),
      last_used_at: null,
    })
    this.backend.state.keys.unshift(key)
    return json({ ...key, raw_key: raw, key: raw }, 201)
  }

  private revoke(found: ApiKey): Response {
    const { state } = this.backend
    state.keys = state.keys.filter((one) => one !== found)
    return new Response(null, { status: 204 })
  }
}

async function limited(found: ApiKey, request: Request): Promise<Response> {
  Object.assign(found, (await request.json()) as ApiKeyLimits)
  return json(found)
}
