/** Example providers, keys and models. */
import type { Model, OllamaModel, Provider, ProviderKey } from '@/api/types'
import { makeId, now } from './data'

export function provider(given: Partial<Provider> = {}): Provider {
  return {
    slug: 'openai',
    title: 'OpenAI',
    kind: 'paid',
    prefix: '',
    is_custom: false,
    is_local: false,
    enabled: true,
    status: 'ok',
    reason: '',
    latency_ms: 120,
    model_count: 2,
    base_url: 'https://api.openai.com/v1',
    base_url_source: 'default',
    default_model: null,
    auth_methods: ['api_key'],
    key_variable: 'OPENAI_API_KEY',
    header_names: [],
    credentials: [],
    ...given,
  }
}

export function providerKey(given: Partial<ProviderKey> = {}): ProviderKey {
  return {
    id: makeId(),
    name: 'key 1',
    source: 'stored',
    last_four: 'a1b2',
    enabled: true,
    state: 'ok',
    reason: '',
    until: null,
    origin: 'https://api.openai.com:443',
    ...given,
  }
}

export function model(given: Partial<Model> = {}): Model {
  return {
    id: 'gpt-5-mini',
    provider: 'openai',
    capabilities: ['chat', 'tools', 'vision'],
    context_window: 272_000,
    max_output_tokens: 128_000,
    input_usd: 0.25,
    output_usd: 2,
    cached_input_usd: 0.025,
    price_source: 'table',
    price_as_of: '2026-11-23',
    override: null,
    ...given,
  }
}

export interface ModelState {
  providers: Provider[]
  models: Model[]
  pulled: OllamaModel[]
  config: Record<string, unknown>
}

export function modelState(): ModelState {
  return {
    providers: [
      provider({ credentials: [providerKey()] }),
      provider({
        slug: 'groq',
        title: 'Groq',
        kind: 'free',
        prefix: 'groq/',
        status: 'not_configured',
        reason: 'Set GROQ_API_KEY.',
        latency_ms: null,
        model_count: 0,
        base_url: 'https://api.groq.com/openai/v1',
        key_variable: 'GROQ_API_KEY',
      }),
      provider({
        slug: 'ollama',
        title: 'Ollama',
        kind: 'local',
        prefix: 'ollama/',
        base_url: 'http://127.0.0.1:11434',
        base_url_source: 'environment',
        auth_methods: ['none'],
        key_variable: null,
      }),
    ],
    models: [
      model(),
      model({
        id: 'ollama/llama3.2',
        provider: 'ollama',
        capabilities: ['chat', 'tools'],
        context_window: 131_072,
        input_usd: 0,
        output_usd: 0,
        price_source: 'free',
        price_as_of: null,
      }),
      model({
        id: 'github/openai/gpt-4.1',
        provider: 'github',
        input_usd: null,
        output_usd: null,
        price_source: 'unknown',
        price_as_of: null,
      }),
    ],
    pulled: [
      {
        name: 'llama3.2:latest',
        size_bytes: 2_019_393_189,
        modified_at: now(),
        parameter_size: '3.2B',
        quantization: 'Q4_K_M',
        family: 'llama',
      },
    ],
    config: {
      'llm.default_chat_model': 'auto',
      'llm.routing_strategy': 'local-first',
      'llm.aliases': { fast: 'groq/openai/gpt-oss-20b' },
      'llm.wol_mac': null,
      'llm.wol_broadcast': null,
    },
  }
}
