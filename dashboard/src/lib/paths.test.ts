import { describe, expect, it } from 'vitest'
import { paths, safeNext } from './paths'

describe('safeNext', () => {
  it.each(['/tasks', '/tasks/1?status=failed', '/chat/a'])('keeps %s', (next) => {
    expect(safeNext(next)).toBe(next)
  })

  it.each([
    null,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/login',
    'tasks',
  ])('replaces %s', (next) => {
    expect(safeNext(next)).toBe(paths.home)
  })
})
