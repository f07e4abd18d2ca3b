import { expect, test } from 'vitest'
import type { PairResult } from '../run/matrix-result.ts'
import type { Result } from '../run/run-rows.ts'
import { failedTrial, type TrialResult } from '../run/trial-result.ts'
import { toMarkdown } from './markdown.ts'
import { quantile } from './quantile.ts'
import { withResults } from './write-report.ts'

const label = { kind: 'stun', run: 0, browsers: ['chromium', 'chromium'], delayMs: 0 } as const

const trial = (part: Partial<TrialResult>): TrialResult => ({
  ...failedTrial({ ...label, row: 'drop10' }, ''),
  kept: { ids: true, host: true, term: true },
  error: null,
  ...part,
})

const pair = (part: Partial<PairResult>): PairResult => ({
  type: 'pair',
  ...label,
  row: 'matrix',
  nats: ['port', 'port'],
  openMs: 200,
  exchangeMs: 250,
  said: ['direct', 'direct'],
  actual: ['direct', 'direct'],
  error: null,
  ...part,
})

const linesOf = (...results: readonly Result[]): readonly string[] =>
  toMarkdown({ environments: [], results }).split('\n')

test('a fault has one line for each kind of servers, with median, p95 and maximum', () => {
  const times = [400, 500, 1_900].map((healMs) => trial({ healMs, silenceMs: 10_000 + healMs }))
  const lines = linesOf(...times, trial({ kind: 'tcp', healMs: 30 }))
  expect(lines.at(-2)).toContain('| UDP dropped 10 s | STUN | 3 | 0.50 / 1.90 / 1.90 |')
  expect(lines.at(-2)).toContain('| 11.90 |')
  expect(lines.at(-1)).toContain('| UDP dropped 10 s | + TURN/UDP, TCP | 1 | 0.03 / 0.03 / 0.03 |')
})

test('a run that never healed counts as the slowest', () => {
  const lines = linesOf(trial({ healMs: 400 }), trial({ healMs: null }))
  expect(lines.at(-1)).toContain('| 2 | 0.40 / never / never |')
})

test('a run that could not be done is named and not measured', () => {
  const failed = failedTrial({ ...label, row: 'drop10' }, new Error('no link'))
  expect(linesOf(trial({ healMs: 400 }), failed).at(-1)).toContain(
    '| 2 (1 failed) | 0.40 / 0.40 / 0.40 |',
  )
})

test('an identity that changed is told', () => {
  const kept = { ids: true, host: false, term: false }
  expect(linesOf(trial({ healMs: 1, kept })).at(-1)).toContain(
    'host changed in 1, term changed in 1',
  )
})

test('the browsers and the delay are told if they are not the usual ones', () => {
  const lines = linesOf(trial({ healMs: 1, browsers: ['firefox', 'chromium'], delayMs: 20 }))
  expect(lines.at(-1)).toContain(
    '| UDP dropped 10 s, firefox × chromium, 20 ms each way and side |',
  )
})

test('the matrix counts pairs by path, and those whose path is wrong', () => {
  const lines = linesOf(
    pair({}),
    pair({ openMs: 300, said: ['relay', 'direct'] }),
    pair({ openMs: null, exchangeMs: null, said: [], actual: [] }),
  )
  expect(lines.at(-1)).toContain(
    '| STUN | 2 of 3 | 2: 0.20 / 0.30 / 0.30 | 1: 0.30 / 0.30 / 0.30 |',
  )
  expect(lines.at(-1)).toMatch(/\| 1 \|$/)
})

test('results are written between the markers of a page', () => {
  const page = 'Before\n<!-- results -->\nold\n<!-- /results -->\nAfter\n'
  const written = withResults(page, 'new')
  expect(written).toBe('Before\n<!-- results -->\n\nnew\n\n<!-- /results -->\nAfter\n')
  expect(withResults(written, 'new')).toBe(written)
  expect(() => withResults('no markers', 'new')).toThrow('<!-- results -->')
})

test('a quantile is one of the values', () => {
  const values = [5, 1, 4, 2, 3]
  expect([0, 0.5, 0.95, 1].map((share) => quantile(values, share))).toEqual([1, 3, 5, 5])
  expect(quantile([], 0.5)).toBeNull()
})
