import { describe, expect, it } from 'vitest'
import { elapsed, formatAgo, formatCost, formatCount, formatDuration, sentence } from './format'

describe('formatCost', () => {
  it.each([
    [0, '$0'],
    [0.0012, '$0.0012'],
    [1.239, '$1.24'],
    [null, 'unknown'],
  ])('%s is %s', (usd, text) => expect(formatCost(usd)).toBe(text))
})

describe('formatDuration', () => {
  it.each([
    [999, '999 ms'],
    [1500, '1.5 s'],
    [59_900, '60 s'],
    [61_000, '1 min 1 s'],
    [3_660_000, '1 h 1 min'],
  ])('%s ms is %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text))
})

describe('formatAgo', () => {
  const now = Date.parse('2030-01-01T12:00:00Z')
  it.each([
    ['2030-01-01T11:59:50Z', 'just now'],
    ['2030-01-01T11:55:00Z', '5 min ago'],
    ['2030-01-01T09:00:00Z', '3 h ago'],
    ['2029-12-30T12:00:00Z', '2 d ago'],
    ['2030-01-01T12:00:30Z', 'just now'],
  ])('%s is %s', (iso, text) => expect(formatAgo(iso, now)).toBe(text))
})

describe('the rest', () => {
  it('counts, elapses and capitalises', () => {
    expect(formatCount(9999)).toBe('9,999')
    expect(formatCount(18_204)).toBe('18.2K')
    expect(elapsed(null, null, 5)).toBeNull()
    expect(elapsed('1970-01-01T00:00:01Z', null, 3000)).toBe(2000)
    expect(sentence('pending_human_review')).toBe('Pending human review')
  })
})
