/** What can go wrong between the page and a service, as one class that says what a person can do. */

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly requestId: string | null
  /** Seconds after which another try makes sense, if the service said so. */
  readonly retryAfter: number | null

  constructor(
    message: string,
    given: { status: number; code: string; requestId?: string | null; retryAfter?: number | null },
  ) {
    super(message)
    this.status = given.status
    this.code = given.code
    this.requestId = given.requestId ?? null
    this.retryAfter = given.retryAfter ?? null
  }

  /** A service that is starting or gone for a moment; asking again helps. */
  get temporary(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 429
  }
}

export function networkError(): ApiError {
  return new ApiError('Nova cannot be reached. Is it running, and is the network up?', {
    status: 0,
    code: 'network',
  })
}

/** Reads Nova's error body; anything else becomes a plain sentence with the status. */
export async function errorFrom(response: Response): Promise<ApiError> {
  const text = await response.text()
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN)
  const given = {
    status: response.status,
    code: `http_${response.status}`,
    requestId: response.headers.get('X-Request-ID'),
    retryAfter: Number.isFinite(retryAfter) ? retryAfter : null,
  }
  const body = parse(text)
  if (body === null) {
    return new ApiError(`The server answered with status ${response.status}.`, given)
  }
  return new ApiError(body.detail, { ...given, code: body.code })
}

function parse(text: string): { detail: string; code: string } | null {
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body !== 'object' || body === null) return null
    const code = codeOf(body)
    if ('detail' in body && typeof body.detail === 'string') return { detail: body.detail, code }
    // The gateway's routes under /v1 answer in OpenAI's form.
    if (!('error' in body) || typeof body.error !== 'object' || body.error === null) return null
    if (!('message' in body.error) || typeof body.error.message !== 'string') return null
    return { detail: body.error.message, code: codeOf(body.error) }
  } catch {
    return null
  }
}

function codeOf(body: object): string {
  return 'code' in body && typeof body.code === 'string' ? body.code : 'error'
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
