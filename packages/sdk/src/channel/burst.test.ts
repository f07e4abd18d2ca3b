import { expect, test } from 'vitest'
import type { Room, SendOptions } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

interface Burst {
  readonly count: number
  /** Beside its number, in each message. */
  readonly paddingBytes: number
  readonly options?: SendOptions
}

/** Sends without waiting; which were heard, and what became of each. */
const burst = async ({ count, paddingBytes, options = {} }: Burst) => {
  const { clock, gather } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  const heard: number[] = []
  ben.channel<number[]>('burst').on('message', ({ data }) => heard.push(data[0] ?? -1))
  const channel = ann.channel<unknown>('burst')
  const padding = 'x'.repeat(paddingBytes)
  const accepted: number[] = []
  const refused: string[] = []
  for (let number = 0; number < count; number += 1) {
    channel.send([number, padding], options).then(
      () => accepted.push(number),
      ({ code }) => refused.push(code),
    )
  }
  await clock.until(() => accepted.length + refused.length === count)
  // What the links have taken may still be on its way.
  await clock.advance(5_000)
  return { heard, accepted: accepted.sort((one, other) => one - other), refused: new Set(refused) }
}

const isRow = (numbers: readonly number[]) => numbers.every((number, at) => number === at)
const isSame = (one: readonly number[], other: readonly number[]) =>
  one.length === other.length && one.every((number, at) => number === other[at])

/** Nothing here waits for time; a machine that does much else is slow. */
const timeout = 120_000

test('100,000 small messages in one turn arrive in order, once, or are refused', {
  timeout,
}, async () => {
  const { heard, accepted, refused } = await burst({ count: 100_000, paddingBytes: 0 })
  expect(isSame(heard, accepted)).toBe(true)
  expect([...refused].filter((code) => code !== 'queue-full')).toEqual([])
  // A queue takes those that come first.
  expect(isRow(heard)).toBe(true)
  expect(heard.length).toBeGreaterThan(10_000)
})

test('of more than a queue takes, exactly those are refused that do not arrive', {
  timeout,
}, async () => {
  const { heard, accepted, refused } = await burst({ count: 25_000, paddingBytes: 4_000 })
  expect(refused).toEqual(new Set(['queue-full']))
  expect(isSame(heard, accepted)).toBe(true)
  expect(isRow(heard)).toBe(true)
  expect(heard.length).toBeGreaterThan(1_000)
})

test('with ack, a burst is acknowledged where it was handled, and nowhere else', {
  timeout,
}, async () => {
  const options = { ack: true }
  const { heard, accepted, refused } = await burst({ count: 20_000, paddingBytes: 0, options })
  expect(isSame(heard, accepted)).toBe(true)
  expect([...refused].filter((code) => code !== 'queue-full')).toEqual([])
  expect(heard.length).toBeGreaterThan(1_000)
})
