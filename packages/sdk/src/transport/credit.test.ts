import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { channelCredit, costOf } from './credit.ts'
import type { Incoming } from './frame-receiver.ts'
import { messageOf, transportPair } from './peer-transport-pair.testing.ts'

const bytes = 100_000

/** Two connected ends that do not read automatically. */
const connected = async (seed: number) => {
  const pair = transportPair(seededRandom(seed), { autoRead: false })
  pair.connect()
  await pair.settle()
  return pair
}

const send = (pair: Awaited<ReturnType<typeof connected>>, label: string, count: number) =>
  Array.from({ length: count }, (_, number) =>
    pair.a.transport.send(messageOf([number, 'x'.repeat(bytes)], { label }), false),
  )

const costs = (received: readonly Incoming[]) =>
  received.reduce((sum, message) => sum + costOf(message.bytes), 0)

test('a channel without a reader stops, and no other channel does', async () => {
  const pair = await connected(1)
  send(pair, 'stuck', 100)
  await pair.settle()
  expect(costs(pair.b.received)).toBeGreaterThanOrEqual(channelCredit)
  expect(costs(pair.b.received)).toBeLessThan(channelCredit + costOf(bytes + 100))
  const held = pair.b.received.length
  send(pair, 'free', 10)
  await pair.settle()
  expect(pair.b.received.slice(held).map(({ label }) => label)).toEqual(new Array(10).fill('free'))
})

test('reading lets waiting messages through, in order, until all have arrived', async () => {
  const seed = Date.now() % 1e9
  console.log(`credit: SKEIN_SEED=${seed}`)
  const random = seededRandom(Number(process.env.SKEIN_SEED ?? seed))
  const pair = await connected(seed)
  send(pair, 'x', 200)
  let read = 0
  while (read < 200) {
    await pair.settle()
    const unread = pair.b.received.slice(read)
    expect(unread.length).toBeGreaterThan(0)
    expect(costs(unread)).toBeLessThan(channelCredit + costOf(bytes + 100))
    for (const message of unread.slice(0, 1 + Math.floor(random() * unread.length))) {
      message.read()
      read += 1
    }
    // The count continues on the next connection.
    if (random() < 0.2) {
      pair.interrupt()
      pair.connect()
    }
  }
  const numbers = pair.b.received.map(({ data }) => (data as number[])[0])
  expect(numbers).toEqual(Array.from({ length: 200 }, (_, number) => number))
  expect([...pair.a.violations, ...pair.b.violations]).toEqual([])
})

test('a message larger than the credit gets through and blocks no other channel', async () => {
  const pair = await connected(3)
  pair.a.transport.send(messageOf(new Uint8Array(900_000), { label: 'large' }), false)
  send(pair, 'small', 3)
  await pair.settle()
  expect(pair.b.received.map(({ label }) => label).sort()).toEqual([
    'large',
    'small',
    'small',
    'small',
  ])
})

test('a read report that is lost with its connection is sent again on the next one', async () => {
  const pair = await connected(4)
  send(pair, 'x', 60)
  await pair.settle()
  const held = pair.b.received.length
  expect(held).toBeLessThan(60)
  for (const { read } of pair.b.received) read()
  await pair.step()
  pair.interrupt()
  pair.connect()
  await pair.settle()
  expect(pair.b.received.length).toBeGreaterThan(held)
})
