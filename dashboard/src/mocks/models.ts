/** Providers with keys, models with prices, Ollama, and the configuration. */
import type { KeyTest, ModelOverride, NewKey, ProviderChange, ProviderKey } from '@/api/types'
import { now } from './data'
import { type ModelState, provider, providerKey } from './model-data'
import { type Handler, json, type MockContext, problem } from './state'

export class ModelMock {
  private readonly backend: MockContext

  constructor(backend: MockContext) {
    this.backend = backend
  }

  private get state(): ModelState {
    return this.backend.state.gateway
  }

  routes(): [string, Handler][] {
    const one = '/v1/providers/*'
    return [
      ['GET /v1/providers', () => json(this.state.providers)],
      [`PUT ${one}`, ({ request, ids }) => this.change(request, ids[0] ?? '')],
      [`DELETE ${one}`, ({ ids }) => this.forget(ids[0] ?? '')],
      [`POST ${one}/credentials`, ({ request, ids }) => this.addKey(request, ids[0] ?? '')],
      [`PATCH ${one}/credentials/*`, ({ request, ids }) => this.changeKey(request, ids)],
      [`DELETE ${one}/credentials/*`, ({ ids }) => this.removeKey(ids)],
      [`POST ${one}/credentials/*/test`, ({ ids }) => this.testKey(ids)],
      ['GET /v1/models/details', () => json(this.state.models)],
      ['PUT /v1/models/overrides/*', ({ request, ids }) => this.override(request, ids[0] ?? '')],
      ['DELETE /v1/models/overrides/*', ({ ids }) => this.takeBack(ids[0] ?? '')],
      ['GET /v1/models/ollama/pulled', () => json(this.state.pulled)],
      ['POST /v1/models/ollama/pull', ({ request }) => this.pull(request)],
      ['DELETE /v1/models/ollama/*', ({ ids }) => this.deletePulled(ids[0] ?? '')],
      ['GET /v1/health/providers/ollama/status', () => json(this.ollamaStatus())],
      ['GET /api/v1/config', () => json(this.configEntries())],
      ['PATCH /api/v1/config/*', ({ request, ids }) => this.setConfig(request, ids[0] ?? '')],
    ]
  }

  private async change(request: Request, slug: string): Promise<Response> {
    const given = (await request.json()) as ProviderChange
    const known = this.state.providers.find((one) => one.slug === slug)
    if (given.base_url?.includes('169.254.')) {
      return refusal(422, 'invalid', 'base_url: link-local addresses are refused.')
    }
    const { headers, base_url, title, ...rest } = given
    const found = known ?? provider({ slug, title: slug, is_custom: true, key_variable: null })
    if (known === undefined) this.state.providers.push(found)
    Object.assign(found, rest, {
      ...(base_url == null ? {} : { base_url, base_url_source: 'stored' }),
      ...(title == null ? {} : { title }),
      header_names: Object.keys(headers ?? {}),
      status:
        given.enabled === false ? 'disabled' : found.status === 'disabled' ? 'ok' : found.status,
    })
    return json(found)
  }

  private forget(slug: string): Response {
    this.state.providers = this.state.providers.filter((one) => one.slug !== slug)
    return new Response(null, { status: 204 })
  }

  private keys(slug: string): ProviderKey[] {
    return this.state.providers.find((one) => one.slug === slug)?.credentials ?? []
  }

  private async addKey(request: Request, slug: string): Promise<Response> {
    const { key, name } = (await request.json()) as NewKey
    const made = providerKey({ name: name ?? 'key 2', last_four: key.slice(-4) })
    if (this.keys(slug).some((one) => one.name === made.name)) {
      return refusal(409, 'name_taken', `There is a key called '${made.name}' already.`)
    }
    this.keys(slug).push(made)
    return json(made, 201)
  }

  private async changeKey(request: Request, [slug, id]: string[]): Promise<Response> {
    const found = this.keys(slug ?? '').find((one) => one.id === id)
    if (found === undefined) return refusal(404, 'unknown_credential', 'There is no such key.')
    Object.assign(found, await request.json())
    found.state = found.enabled ? 'ok' : 'disabled'
    return json(found)
  }

  private removeKey([slug, id]: string[]): Response {
    const keys = this.keys(slug ?? '')
    keys.splice(
      keys.findIndex((one) => one.id === id),
      1,
    )
    return new Response(null, { status: 204 })
  }

  private testKey([slug, id]: string[]): Response {
    const found = this.keys(slug ?? '').find((one) => one.id === id)
    const ok = found?.last_four !== 'bad!'
    const answer: KeyTest = {
      ok,
      detail: ok ? '' : 'It answered 401: Incorrect API key provided.',
      model_count: ok ? 2 : 0,
      latency_ms: 87.4,
    }
    return json(answer)
  }

  private async override(request: Request, encoded: string): Promise<Response> {
    const given = (await request.json()) as ModelOverride
    const found = this.state.models.find(({ id }) => id === decodeURIComponent(encoded))
    if ((given.input == null) !== (given.output == null)) {
      return refusal(422, 'invalid', 'A price needs both input and output.')
    }
    if (found !== undefined) {
      Object.assign(found, {
        override: given,
        input_usd: given.input ?? found.input_usd,
        output_usd: given.output ?? found.output_usd,
        price_source: given.input == null ? found.price_source : 'override',
        price_as_of: null,
      })
    }
    return json(given)
  }

  private takeBack(encoded: string): Response {
    const found = this.state.models.find(({ id }) => id === decodeURIComponent(encoded))
    if (found !== undefined) found.override = null
    return new Response(null, { status: 204 })
  }

  private async pull(request: Request): Promise<Response> {
    const { name } = (await request.json()) as { name: string }
    const failed = { type: 'error', detail: 'pull model manifest: file does not exist', code: 'x' }
    const lines = name.startsWith('no-')
      ? [{ status: 'pulling manifest' }, failed]
      : [
          { status: 'pulling manifest' },
          { status: 'pulling a1', percent: 50 },
          { status: 'success' },
        ]
    if (!name.startsWith('no-')) this.state.pulled.push({ name, family: 'llama' })
    const text = [...lines.map((line) => JSON.stringify(line)), '[DONE]']
      .map((data) => `data: ${data}\n\n`)
      .join('')
    return new Response(text, { headers: { 'Content-Type': 'text/event-stream' } })
  }

  private deletePulled(encoded: string): Response {
    const name = decodeURIComponent(encoded)
    this.state.pulled = this.state.pulled.filter((one) => one.name !== name)
    return new Response(null, { status: 204 })
  }

  private ollamaStatus() {
    const found = this.state.providers.find(({ slug }) => slug === 'ollama')
    return {
      slug: 'ollama',
      available: found !== undefined,
      status: found === undefined ? 'not_configured' : 'ok',
      detail: found === undefined ? 'Set OLLAMA_BASE_URL.' : '',
      latency_ms: 3,
      base_url: found?.base_url ?? null,
      version: '0.12.0',
      loaded: [{ name: 'llama3.2:latest' }],
      waking: false,
      can_wake: false,
    }
  }

  private configEntries() {
    return Object.entries(this.state.config).map(([key, value]) => ({
      key,
      value,
      description: '',
      is_secret: false,
      updated_at: now(),
    }))
  }

  private async setConfig(request: Request, key: string): Promise<Response> {
    const { value } = (await request.json()) as { value: string }
    if (!(key in this.state.config)) return problem(404, 'unknown_config_key', `No key ${key}.`)
    this.state.config[key] = JSON.parse(value)
    return json({ key, value: this.state.config[key] })
  }
}

/** As the gateway's routes under /v1 answer: in OpenAI's form. */
function refusal(code: number, name: string, message: string): Response {
  return json({ error: { message, type: 'invalid_request_error', code: name } }, code)
}
