import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { backoffMs } from './backoff.ts'

test('the delay doubles up to its cap', () => {
  const delays = [0, 1, 2, 3, 9, 900].map((failures) => backoffMs({ failures, chance: 1 }))
  expect(delays).toEqual([500, 1_000, 1_000, 1_000, 1_000, 30_000])
})

test('the delay stays within 3 s for the first minute, then grows to 30 s', () => {
  let elapsedMs = 0
  let failures = 0
  for (; elapsedMs < 55_000; failures += 1) {
    expect(backoffMs({ failures, chance: 1 })).toBeLessThanOrEqual(3_000)
    elapsedMs += backoffMs({ failures, chance: 0.5 })
  }
  for (; elapsedMs < 90_000; failures += 1) {
    elapsedMs += backoffMs({ failures, chance: 0.5 })
  }
  expect(backoffMs({ failures, chance: 1 })).toBe(30_000)
})

test('full jitter: the delay can be any fraction of its maximum', () => {
  expect(backoffMs({ failures: 3, chance: 0 })).toBe(0)
  expect(backoffMs({ failures: 3, chance: 0.25 })).toBe(250)
})

test('after a 3 s outage, the next attempt starts within 4 s, inside the grace period of the host', () => {
  for (let seed = 1; seed <= 10_000; seed += 1) {
    const random = seededRandom(seed)
    let attemptedAt = 0
    for (let failures = 0; attemptedAt < 3_000; failures += 1) {
      attemptedAt += backoffMs({ failures, chance: random() })
    }
    expect(attemptedAt, `seed ${seed}`).toBeLessThanOrEqual(4_000)
  }
})
