import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { backoffMs } from './backoff.ts'

test('the wait doubles up to its cap', () => {
  const waits = [0, 1, 2, 3, 9, 900].map((failures) =>
    backoffMs({ failures, hasOpenLinks: false, chance: 1 }),
  )
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, 30_000, 30_000])
})

test('while links are open it never exceeds 3 s', () => {
  for (let failures = 0; failures < 40; failures += 1) {
    expect(backoffMs({ failures, hasOpenLinks: true, chance: 1 })).toBeLessThanOrEqual(3_000)
  }
})

test('the jitter is full: any part of the wait may be drawn', () => {
  expect(backoffMs({ failures: 3, hasOpenLinks: false, chance: 0 })).toBe(0)
  expect(backoffMs({ failures: 3, hasOpenLinks: false, chance: 0.25 })).toBe(1_000)
})

test('after an outage of 3 s the next try comes well inside the grace of a host', () => {
  for (let seed = 1; seed <= 10_000; seed += 1) {
    const random = seededRandom(seed)
    let triedAt = 0
    for (let failures = 0; triedAt < 3_000; failures += 1) {
      triedAt += backoffMs({ failures, hasOpenLinks: true, chance: random() })
    }
    expect(triedAt, `seed ${seed}`).toBeLessThanOrEqual(4_000)
  }
})
