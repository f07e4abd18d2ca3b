import { seededRandom } from '@skein/protocol/testing'
import { expect, test } from 'vitest'
import { bandwidthDelayBytes, independentBurst, lossPattern } from './gilbert-elliott.ts'

const count = 200_000

const burstsOf = (pattern: Uint8Array): readonly number[] =>
  pattern
    .join('')
    .split('0')
    .map((burst) => burst.length)
    .filter((length) => length > 0)

const sumOf = (numbers: Iterable<number>): number => {
  let sum = 0
  for (const number of numbers) sum += number
  return sum
}

test.for([
  { loss: 0.1, burst: 8 },
  { loss: 0.3, burst: 4 },
  { loss: 0.02, burst: independentBurst(0.02) },
])('$loss of all packets are lost, in bursts of $burst on average', ({ loss, burst }) => {
  const pattern = lossPattern({ loss, burst }, count, seededRandom(1))
  const bursts = burstsOf(pattern)
  expect(sumOf(pattern) / count).toBeCloseTo(loss, 2)
  expect(sumOf(bursts) / bursts.length / burst).toBeCloseTo(1, 1)
})

test('no packet is lost if none should be', () => {
  expect(sumOf(lossPattern({ loss: 0, burst: 8 }, count, seededRandom(2)))).toBe(0)
})

test('the same seed loses the same packets', () => {
  const model = { loss: 0.1, burst: 8 }
  const patterns = [3, 3, 4].map((seed) => lossPattern(model, 1_000, seededRandom(seed)).join(''))
  expect(patterns[0]).toBe(patterns[1])
  expect(patterns[0]).not.toBe(patterns[2])
})

test('a buffer of one round trip holds what the path carries in that time', () => {
  expect(bandwidthDelayBytes(8_000, 100)).toBe(100_000)
})
