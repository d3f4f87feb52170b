/** Ollama's own models: what it has, and fetching and deleting them. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { absolute, dataOf, gateway, request } from './client'
import { ApiError } from './errors'
import { modelKeys } from './models'
import { SseParser } from './stream'
import type { PullProgress } from './types'

const ollamaKeys = { all: ['ollama'] as const }
const REFRESH_MS = 10_000

export const ollamaStatusQuery = queryOptions({
  queryKey: [...ollamaKeys.all, 'status'],
  queryFn: async ({ signal }) =>
    dataOf(await gateway.GET('/v1/health/providers/ollama/status', { signal })),
  refetchInterval: REFRESH_MS,
})

export const pulledQuery = queryOptions({
  queryKey: [...ollamaKeys.all, 'pulled'],
  queryFn: async ({ signal }) => dataOf(await gateway.GET('/v1/models/ollama/pulled', { signal })),
})

function useInvalidate() {
  const client = useQueryClient()
  return () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ollamaKeys.all }),
      client.invalidateQueries({ queryKey: modelKeys.all }),
    ])
}

export function useDeletePulled(name: string) {
  const invalidate = useInvalidate()
  return useMutation({
    mutationFn: () => gateway.DELETE('/v1/models/ollama/{name}', { params: { path: { name } } }),
    onSettled: invalidate,
  })
}

/** Fetches a model; `progress` is its last line, and `cancel` ends the transfer. */
export function usePull() {
  const invalidate = useInvalidate()
  const [progress, setProgress] = useState<PullProgress | null>(null)
  const running = useRef<AbortController | null>(null)
  // Leaving the page ends the transfer: nobody would see how it ends.
  useEffect(() => () => running.current?.abort(), [])
  const pull = useMutation({
    mutationFn: async (name: string) => {
      const control = new AbortController()
      running.current = control
      setProgress(null)
      for await (const line of pullLines(name, control.signal)) setProgress(line)
    },
    onSettled: invalidate,
  })
  return { pull, progress, cancel: () => running.current?.abort() }
}

async function* pullLines(name: string, signal: AbortSignal): AsyncGenerator<PullProgress, void> {
  const response = await request(
    new Request(absolute('/v1/models/ollama/pull'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name }),
      signal,
    }),
  )
  if (response.body === null) return
  const parser = new SseParser()
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    for (const { data } of parser.push(read.value)) {
      if (data === '[DONE]') return
      yield lineOf(data)
    }
  }
  throw new ApiError('The connection ended before the model was there.', {
    status: 0,
    code: 'cut',
  })
}

/** A line of progress; one that says what failed is thrown. */
function lineOf(data: string): PullProgress {
  const line = JSON.parse(data) as PullProgress & { type?: string; detail?: string; code?: string }
  if (line.type !== 'error') return line
  throw new ApiError(line.detail ?? 'It failed.', { status: 502, code: line.code ?? 'error' })
}
