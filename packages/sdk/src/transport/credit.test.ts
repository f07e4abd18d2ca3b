import { expect, test } from 'vitest'
import { seededRandom } from '../testing/seeds.ts'
import { channelCredit, costOf } from './credit.ts'
import type { Incoming } from './frame-receiver.ts'
import { messageOf, pipePair } from './peer-transport-pair.testing.ts'

const bytes = 100_000

/** Two ends that are connected; what arrives at `b` is not read. */
const connected = async (seed: number) => {
  const pair = pipePair(seededRandom(seed), { isRead: false })
  pair.connect()
  await pair.settle()
  return pair
}

const send = (pair: Awaited<ReturnType<typeof connected>>, label: string, count: number) =>
  Array.from({ length: count }, (_, number) =>
    pair.a.transport.send(messageOf([number, 'x'.repeat(bytes)], { label }), false),
  )

const costs = (heard: readonly Incoming[]) =>
  heard.reduce((sum, message) => sum + costOf(message.bytes), 0)

test('a channel that nobody reads stops, and no other does', async () => {
  const pair = await connected(1)
  send(pair, 'stuck', 100)
  await pair.settle()
  expect(costs(pair.b.heard)).toBeGreaterThanOrEqual(channelCredit)
  expect(costs(pair.b.heard)).toBeLessThan(channelCredit + costOf(bytes + 100))
  const held = pair.b.heard.length
  send(pair, 'free', 10)
  await pair.settle()
  expect(pair.b.heard.slice(held).map(({ label }) => label)).toEqual(new Array(10).fill('free'))
})

test('what is read makes room for what waits, in order, until all is there', async () => {
  const seed = Date.now() % 1e9
  console.log(`credit: SKEIN_SEED=${seed}`)
  const random = seededRandom(Number(process.env.SKEIN_SEED ?? seed))
  const pair = await connected(seed)
  send(pair, 'x', 200)
  let read = 0
  while (read < 200) {
    await pair.settle()
    const unread = pair.b.heard.slice(read)
    expect(unread.length).toBeGreaterThan(0)
    expect(costs(unread)).toBeLessThan(channelCredit + costOf(bytes + 100))
    for (const message of unread.slice(0, 1 + Math.floor(random() * unread.length))) {
      message.read()
      read += 1
    }
    // Also on another connection: the count goes on.
    if (random() < 0.2) {
      pair.interrupt()
      pair.connect()
    }
  }
  const numbers = pair.b.heard.map(({ data }) => (data as number[])[0])
  expect(numbers).toEqual(Array.from({ length: 200 }, (_, number) => number))
  expect([...pair.a.wrongs, ...pair.b.wrongs]).toEqual([])
})

test('a message larger than any credit gets through, and holds up no other channel', async () => {
  const pair = await connected(3)
  pair.a.transport.send(messageOf(new Uint8Array(900_000), { label: 'large' }), false)
  send(pair, 'small', 3)
  await pair.settle()
  expect(pair.b.heard.map(({ label }) => label).sort()).toEqual([
    'large',
    'small',
    'small',
    'small',
  ])
})

test('word of what was read that is lost with the connection is said again on the next', async () => {
  const pair = await connected(4)
  send(pair, 'x', 60)
  await pair.settle()
  const held = pair.b.heard.length
  expect(held).toBeLessThan(60)
  for (const { read } of pair.b.heard) read()
  await pair.step()
  pair.interrupt()
  pair.connect()
  await pair.settle()
  expect(pair.b.heard.length).toBeGreaterThan(held)
})
