import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

const rate = { perSecond: 2, burst: 3 }

test('after a burst, the next token is available after the returned time', () => {
  const bucket = new TokenBucket(rate, 0)
  expect([1, 2, 3].map(() => bucket.take(rate, 0))).toEqual([0, 0, 0])
  expect(bucket.take(rate, 0)).toBe(500)
  expect(bucket.take(rate, 499)).toBe(1)
  expect(bucket.take(rate, 500)).toBe(0)
  expect(bucket.take(rate, 500)).toBe(500)
})

test('a bucket holds at most the burst', () => {
  const bucket = new TokenBucket(rate, 0)
  expect([1, 2, 3, 4].map(() => bucket.take(rate, 3_600_000))).toEqual([0, 0, 0, 500])
})

test('a clock that goes back adds no tokens and removes none', () => {
  const bucket = new TokenBucket(rate, 1_000)
  expect(bucket.take(rate, 0)).toBe(0)
  expect(bucket.isFull(rate, 0)).toBe(false)
  expect(bucket.isFull(rate, 500)).toBe(true)
})

test('spending more than there is leaves a debt, which is paid before the next token', () => {
  const bucket = new TokenBucket(rate, 0)
  expect(bucket.spend(rate, 2, 0)).toBe(0)
  expect(bucket.spend(rate, 3, 0)).toBe(1_000)
  expect(bucket.spend(rate, 0, 600)).toBe(400)
  expect(bucket.take(rate, 1_000)).toBe(500)
  expect(bucket.take(rate, 1_500)).toBe(0)
})
