import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fullBucket, takeToken } from './token-bucket.ts'

test('a full bucket gives its size at once, then one by one as time goes', () => {
  const limits = { perSecond: 10, size: 2 }
  const first = takeToken(fullBucket(limits, 0), limits, 0)
  const second = takeToken(first.bucket, limits, 0)
  const third = takeToken(second.bucket, limits, 0)
  expect([first.waitMs, second.waitMs, third.waitMs]).toEqual([0, 0, 100])
  expect(takeToken(third.bucket, limits, 100).waitMs).toBe(0)
})

test('never more than size plus rate times time is given', () => {
  const steps = fc.array(fc.nat(400), { minLength: 1, maxLength: 200 })
  const limits = fc.record({
    perSecond: fc.integer({ min: 1, max: 50 }),
    size: fc.integer({ min: 1, max: 20 }),
  })
  fc.assert(
    fc.property(limits, steps, (limit, gaps) => {
      let bucket = fullBucket(limit, 0)
      let now = 0
      let given = 0
      for (const gap of gaps) {
        now += gap
        const taken = takeToken(bucket, limit, now)
        bucket = taken.bucket
        if (taken.waitMs === 0) given += 1
      }
      expect(given).toBeLessThanOrEqual(limit.size + (now * limit.perSecond) / 1_000 + 1e-6)
    }),
  )
})
