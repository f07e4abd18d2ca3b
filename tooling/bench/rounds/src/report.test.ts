import { expect, test } from 'vitest'
import { tableOf } from './report.ts'
import type { Sample } from './run.ts'
import type { Scenario } from './scenario.ts'

const scenario: Scenario = {
  name: 'speed',
  about: 'how fast',
  contestants: ['raw', 'skein'],
  figures: {
    speed: { label: 'MiB/s', digits: 1 },
    stalls: { label: 'runs with a stall', digits: 0, as: 'runs' },
  },
  timeoutMs: 1_000,
  open: () => Promise.reject(new Error('not run')),
}

const samples = (contestant: string, speeds: readonly (number | null)[]): Sample[] =>
  speeds.map((speed, round) => ({
    scenario: 'speed',
    contestant,
    round,
    ...(speed === null
      ? { error: 'received message 2, expected 1' }
      : { figures: { speed, stalls: round }, note: null }),
  }))

test('ratios are taken within rounds, not between medians', () => {
  const [head, raw] = tableOf(scenario, [
    ...samples('raw', [10, 20, 40]),
    ...samples('skein', [10, 40, 20]),
  ])
  expect(head).toEqual(['', 'MiB/s', 'skein ÷ it', 'runs with a stall', 'failed'])
  expect(raw).toEqual(['raw', '20.0 (15.0–30.0)', '1.00 (0.75–1.50)', '2 of 3', '0'])
})

test('a failed run gives no figure and no ratio, and is reported', () => {
  const [, raw, skein] = tableOf(scenario, [
    ...samples('raw', [10, null]),
    ...samples('skein', [20, 90]),
  ])
  expect(raw?.slice(1, 3)).toEqual(['10.0 (10.0–10.0)', '2.00 (2.00–2.00)'])
  expect(raw?.at(-1)).toBe('1 of 2: received message 2, expected 1')
  expect(skein?.at(-1)).toBe('0')
})

test('a single contestant has no ratios', () => {
  const [head] = tableOf(scenario, samples('skein', [20]))
  expect(head).toEqual(['', 'MiB/s', 'runs with a stall', 'failed'])
})
