import { expect, test } from 'vitest'
import { FloodFilter } from './flood.ts'

interface Arrivals {
  readonly count: number
  readonly start?: number
  readonly stepMs?: number
}

const judgeAll = (filter: FloodFilter, { count, start = 0, stepMs = 0 }: Arrivals) =>
  Array.from({ length: count }, (_, index) => filter.judge('ann', start + index * stepMs))

const repeated = (verdict: string, count: number) => Array.from({ length: count }, () => verdict)

const numberOf = (verdicts: readonly string[], wanted: string): number =>
  verdicts.filter((verdict) => verdict === wanted).length

test('of 5,000 messages at once, 20 are shown and the rest are reported once', () => {
  const verdicts = judgeAll(new FloodFilter(), { count: 5_000 })
  expect(verdicts.slice(0, 22)).toEqual([...repeated('show', 20), 'report', 'leave-out'])
  expect(numberOf(verdicts, 'show')).toBe(20)
  expect(numberOf(verdicts, 'report')).toBe(1)
})

test('a flood that goes on shows 5 messages a second and is still one report', () => {
  const verdicts = judgeAll(new FloodFilter(), { count: 1_201, stepMs: 50 })
  expect(numberOf(verdicts, 'show')).toBe(20 + 5 * 60)
  expect(numberOf(verdicts, 'report')).toBe(1)
})

test('someone who types fast is never limited', () => {
  const verdicts = judgeAll(new FloodFilter(), { count: 500, stepMs: 250 })
  expect(numberOf(verdicts, 'show')).toBe(500)
})

test('after a quiet time the allowance is full again, and a new flood is reported again', () => {
  const filter = new FloodFilter()
  judgeAll(filter, { count: 100 })
  const second = judgeAll(filter, { count: 100, start: 10_000 })
  expect(numberOf(second, 'show')).toBe(20)
  expect(numberOf(second, 'report')).toBe(1)
})

test('a flood of one peer does not limit another', () => {
  const filter = new FloodFilter()
  judgeAll(filter, { count: 5_000 })
  expect(filter.judge('ben', 0)).toBe('show')
})

test('a peer that has left is forgotten', () => {
  const filter = new FloodFilter()
  judgeAll(filter, { count: 5_000 })
  filter.forget('ann')
  expect(filter.judge('ann', 0)).toBe('show')
})
