import { expect, test } from 'vitest'
import { defaultTuning } from '../settings/tuning.ts'
import { Liveness } from './liveness.ts'

test('a guest is pinged every 25 s and lost after 55 s, a host is pinged after 5 s of silence and lost after 6.5 s', () => {
  const liveness = new Liveness(0)
  expect(liveness.isPingDue(defaultTuning, 24_999)).toBe(false)
  expect(liveness.isPingDue(defaultTuning, 25_000)).toBe(true)
  expect(liveness.isLost(defaultTuning, 54_999)).toBe(false)
  expect(liveness.isLost(defaultTuning, 55_000)).toBe(true)
  liveness.hostChanged(true, 60_000)
  liveness.seen(60_000)
  expect(liveness.isPingDue(defaultTuning, 64_999)).toBe(true)
  liveness.pinged(62_000)
  expect(liveness.isPingDue(defaultTuning, 66_999)).toBe(false)
  expect(liveness.isLost(defaultTuning, 66_499)).toBe(false)
  expect(liveness.isLost(defaultTuning, 66_500)).toBe(true)
})

test('the silence of a guest does not count when it becomes host, and it is pinged at once', () => {
  const liveness = new Liveness(0)
  liveness.hostChanged(true, 20_000)
  expect(liveness.isPingDue(defaultTuning, 20_000)).toBe(true)
  liveness.pinged(20_000)
  // Another message about the same host.
  liveness.hostChanged(true, 26_000)
  expect(liveness.isLost(defaultTuning, 26_499)).toBe(false)
  expect(liveness.isLost(defaultTuning, 26_500)).toBe(true)
  liveness.hostChanged(false, 26_500)
  expect(liveness.isLost(defaultTuning, 54_999)).toBe(false)
})

test('a member that another one cannot reach has 1.5 s to answer', () => {
  const liveness = new Liveness(0)
  expect(liveness.doubt(defaultTuning, 1_499)).toBe(false)
  expect(liveness.doubt(defaultTuning, 2_000)).toBe(true)
  expect(liveness.doubt(defaultTuning, 3_000)).toBe(false)
  expect(liveness.isLost(defaultTuning, 3_499)).toBe(false)
  expect(liveness.isLost(defaultTuning, 3_500)).toBe(true)
  liveness.seen(3_400)
  expect(liveness.isLost(defaultTuning, 3_500)).toBe(false)
})

test('a time in the future prolongs nothing', () => {
  const liveness = new Liveness(0)
  liveness.seen(100_000)
  expect(liveness.isLost(defaultTuning, 1_000)).toBe(false)
  expect(liveness.isLost(defaultTuning, 56_000)).toBe(true)
})
