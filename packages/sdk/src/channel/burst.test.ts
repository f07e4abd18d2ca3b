import { expect, test } from 'vitest'
import type { Room, SendOptions } from '../api.ts'
import { fakeWorld } from '../room/fake-world.testing.ts'

interface Burst {
  readonly count: number
  /** In each message, in addition to its number. */
  readonly paddingBytes: number
  readonly options?: SendOptions
}

/** Sends without waiting; returns which messages were received, accepted and rejected. */
const burst = async ({ count, paddingBytes, options = {} }: Burst) => {
  const { clock, gather } = fakeWorld()
  const [ann, ben] = (await gather(['ann', 'ben'])) as [Room, Room]
  const received: number[] = []
  ben.channel<number[]>('burst').on('message', ({ data }) => received.push(data[0] ?? -1))
  const channel = ann.channel<unknown>('burst')
  const padding = 'x'.repeat(paddingBytes)
  const accepted: number[] = []
  const rejected: string[] = []
  for (let number = 0; number < count; number += 1) {
    channel.send([number, padding], { ...options, to: ben.self.id }).then(
      () => accepted.push(number),
      ({ code }) => rejected.push(code),
    )
  }
  await clock.until(() => accepted.length + rejected.length === count)
  // Accepted messages may still be in flight.
  await clock.advance(5_000)
  return {
    received,
    accepted: accepted.sort((one, other) => one - other),
    rejected: new Set(rejected),
  }
}

const isConsecutive = (numbers: readonly number[]) => numbers.every((number, at) => number === at)
const isSame = (one: readonly number[], other: readonly number[]) =>
  one.length === other.length && one.every((number, at) => number === other[at])

/** For slow machines; the tests do not depend on real time. */
const timeout = 120_000

test('100,000 small messages in one turn arrive once and in order, or are rejected', {
  timeout,
}, async () => {
  const { received, accepted, rejected } = await burst({ count: 100_000, paddingBytes: 0 })
  expect(isSame(received, accepted)).toBe(true)
  expect([...rejected].filter((code) => code !== 'queue-full')).toEqual([])
  // The queue accepts the first ones.
  expect(isConsecutive(received)).toBe(true)
  expect(received.length).toBeGreaterThan(10_000)
})

test('when the queue overflows, exactly the rejected messages do not arrive', {
  timeout,
}, async () => {
  const { received, accepted, rejected } = await burst({ count: 25_000, paddingBytes: 4_000 })
  expect(rejected).toEqual(new Set(['queue-full']))
  expect(isSame(received, accepted)).toBe(true)
  expect(isConsecutive(received)).toBe(true)
  expect(received.length).toBeGreaterThan(1_000)
})

test('with ack, exactly the handled messages of a burst are acknowledged', {
  timeout,
}, async () => {
  const options = { ack: true }
  const { received, accepted, rejected } = await burst({ count: 20_000, paddingBytes: 0, options })
  expect(isSame(received, accepted)).toBe(true)
  expect([...rejected].filter((code) => code !== 'queue-full')).toEqual([])
  expect(received.length).toBeGreaterThan(1_000)
})
