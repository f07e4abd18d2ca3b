import { expect, test } from 'vitest'
import { mainLabel } from '../link/link.ts'
import { seededRandom } from '../testing/seeds.ts'
import { messageOf, type TransportPair, transportPair } from './peer-transport-pair.testing.ts'

const seedOf = (offset: number) => Number(process.env.SKEIN_SEED ?? Date.now() % 1e9) + offset

interface Numbered {
  readonly number: number
  readonly filler: string
}

const numbersOf = ({ received }: TransportPair['b'], label: string) =>
  received.filter((each) => each.label === label).map(({ data }) => (data as Numbered).number)

test('messages arrive once and in order, with any fragmentation and any number of interruptions', async () => {
  const seed = seedOf(0)
  console.log(`transports: SKEIN_SEED=${seed}`)
  const random = seededRandom(seed)
  for (let run = 0; run < 25; run += 1) {
    const pair = transportPair(random)
    const sent = await sendWithInterruptions(pair, random)
    await pair.settle()
    for (const [label, count] of sent) {
      expect(numbersOf(pair.b, label)).toEqual(Array.from({ length: count }, (_, at) => at))
    }
    expect([...pair.a.violations, ...pair.b.violations]).toEqual([])
  }
})

/** Sends random messages over a connection with random interruptions; returns how many per channel. */
const sendWithInterruptions = async (
  pair: TransportPair,
  random: () => number,
): Promise<Map<string, number>> => {
  const frameBytes = () => 2048 + Math.floor(random() ** 3 * 260_000)
  const sent = new Map<string, number>()
  pair.connect(frameBytes())
  for (let round = 0; round < 120; round += 1) {
    const label = `channel ${Math.floor(random() * 3)}`
    const filler = 'f'.repeat(Math.floor(random() ** 4 * 60_000))
    const number = sent.get(label) ?? 0
    sent.set(label, number + 1)
    pair.a.transport.send(messageOf({ number, filler }, { label, weight: 1 + (round % 4) }), false)
    if (random() < 0.6) await pair.step()
    if (random() < 0.05) {
      pair.interrupt()
      if (random() < 0.5) await pair.step()
      pair.connect(frameBytes())
    }
  }
  return sent
}

test('a fragmented Blob arrives complete, even if the connection is replaced', async () => {
  const pair = transportPair(seededRandom(1))
  pair.connect(20_000)
  const bytes = new Uint8Array(700_000).map((_, at) => at % 251)
  pair.a.transport.send(messageOf(new Blob([bytes], { type: 'a/b' })), false)
  for (let round = 0; round < 12; round += 1) await pair.step()
  pair.interrupt()
  pair.connect(50_000)
  await pair.settle()
  const [message, ...more] = pair.b.received
  expect(more).toEqual([])
  expect(message?.data).toBeInstanceOf(Blob)
  const blob = message?.data as Blob
  expect(blob.type).toBe('a/b')
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(bytes)
})

test('an answer settles its message once', async () => {
  const pair = transportPair(seededRandom(2))
  pair.connect()
  const outcomes: unknown[] = []
  const item = pair.a.transport.send(messageOf('question'), true)
  item.onchange = () => item.result !== undefined && outcomes.push(item.result)
  await pair.settle()
  const [received] = pair.b.received
  expect(received?.answerId).toBe(1)
  pair.a.transport.onAnswer(7, null)
  pair.a.transport.onAnswer(received?.answerId, 'stale-term')
  pair.a.transport.onAnswer(received?.answerId, null)
  expect(outcomes).toEqual(['stale-term'])
})

test('messages sent on a connection that the other side never opened are retransmitted', async () => {
  const pair = transportPair(seededRandom(2))
  pair.connect()
  // Only the hello of one side is delivered; everything else is lost.
  await Promise.resolve()
  const [toA] = pair.inFlight.filter(({ to }) => to === pair.a)
  if (toA) pair.a.transport.frame(mainLabel, toA.frame)
  pair.a.transport.send(messageOf('early'), false)
  await Promise.resolve()
  pair.interrupt()
  pair.connect()
  await pair.settle()
  expect(pair.b.received.map(({ data }) => data)).toEqual(['early'])
})

test('small messages of one turn share a frame, and a large message does not delay a small one', async () => {
  const pair = transportPair(seededRandom(3))
  pair.connect()
  await pair.settle()
  for (let number = 0; number < 100; number += 1) pair.a.transport.send(messageOf(number), false)
  await Promise.resolve()
  expect(pair.inFlight.length).toBe(1)
  await pair.settle()
  pair.b.received.length = 0
  pair.a.transport.send(messageOf(new Uint8Array(900_000), { label: 'big' }), false)
  await pair.step()
  pair.a.transport.send(messageOf('quick', { label: 'small' }), false)
  await pair.settle()
  expect(pair.b.received.map(({ label }) => label)).toEqual(['small', 'big'])
})

test('a message that is cancelled midway does not arrive, and those after it do', async () => {
  const pair = transportPair(seededRandom(4))
  pair.connect()
  await pair.settle()
  const item = pair.a.transport.send(messageOf(new Uint8Array(900_000)), false)
  await pair.step()
  expect(item.offset).toBeGreaterThan(0)
  pair.a.transport.settle(item, 'aborted')
  pair.a.transport.send(messageOf('next'), false)
  await pair.settle()
  expect(pair.b.received.map(({ data }) => data)).toEqual(['next'])
  expect(pair.b.violations).toEqual([])
})

test('a full queue rejects messages, but an empty one accepts a message of any size', () => {
  const pair = transportPair(seededRandom(5))
  const large = pair.a.transport.send(messageOf(new Uint8Array(65 * 2 ** 20)), false)
  expect(large.result).toBe(undefined)
  expect(pair.a.transport.send(messageOf('x'), false).result).toBe('queue-full')
  pair.a.transport.setReachable(false, 'peer-gone')
  expect(large.result).toBe('peer-gone')
})

test('while the link is failed, accepted messages are kept and others are rejected', async () => {
  const pair = transportPair(seededRandom(5))
  pair.connect()
  await pair.settle()
  pair.interrupt()
  const accepted = pair.a.transport.send(messageOf('accepted'), false)
  pair.a.transport.send(messageOf(new Uint8Array(500_000)), false)
  const waiting = pair.a.transport.send(messageOf('waiting'), false)
  expect([accepted.isAccepted, waiting.isAccepted]).toEqual([true, false])
  pair.a.transport.setReachable(false)
  expect([accepted.result, waiting.result]).toEqual([undefined, 'peer-unreachable'])
  expect(pair.a.transport.send(messageOf('later'), false).result).toBe('peer-unreachable')
  pair.a.transport.setReachable(true)
  pair.connect()
  await pair.settle()
  expect(pair.b.received.map(({ data }) => (typeof data === 'string' ? data : 'bytes'))).toEqual([
    'accepted',
    'bytes',
  ])
})

test('if a peer acknowledges nothing, the sender waits and keeps the messages', async () => {
  const pair = transportPair(seededRandom(6))
  pair.connect()
  await pair.settle()
  const items = Array.from({ length: 60 }, () =>
    pair.a.transport.send(messageOf(new Uint8Array(900_000)), false),
  )
  // Frames are lost, as if the peer received them and never acknowledged them.
  for (let round = 0; round < 100; round += 1) {
    pair.inFlight.length = 0
    await pair.step()
  }
  expect(items.filter(({ isSent }) => isSent)).toEqual([])
  pair.interrupt()
  pair.connect()
  await pair.settle()
  expect(pair.b.received.length).toBe(60)
})

test('messages are acknowledged soon, so that only the others count as undelivered', async () => {
  const pair = transportPair(seededRandom(7))
  pair.connect()
  await pair.settle()
  for (const data of [1, 2, 3]) pair.a.transport.send(messageOf(data), false)
  await pair.settle()
  pair.interrupt()
  for (const data of [4, 5]) pair.a.transport.send(messageOf(data), false)
  pair.a.transport.send(messageOf(6), true)
  expect(pair.b.received.map(({ data }) => data)).toEqual([1, 2, 3])
  // A message with a requested answer is not counted: its sender gets an error instead.
  expect(pair.a.transport.close('peer-gone')).toEqual(new Map([['x', 2]]))
})

test('a buffer that is too large to copy is accepted only when it has arrived', async () => {
  const pair = transportPair(seededRandom(8), { maxMessageBytes: 8 * 2 ** 20 })
  pair.connect()
  await pair.settle()
  const bytes = new Uint8Array(3 * 2 ** 20).fill(7)
  const item = pair.a.transport.send(messageOf(bytes), false)
  while (!item.isSent) await pair.step()
  expect(item.isAccepted).toBe(false)
  // It is retransmitted from the same buffer.
  pair.interrupt()
  pair.connect()
  while (!item.isAccepted) await pair.step()
  bytes.fill(0)
  expect(pair.b.received.map(({ data }) => new Set(data as Uint8Array))).toEqual([new Set([7])])
})

test('a platform that refuses a frame for a while loses nothing', async () => {
  const { a, b, clock, connect, settle, refuse } = transportPair(seededRandom(1))
  connect()
  await settle()
  refuse(true)
  const items = [1, 2, 3].map((number) => a.transport.send(messageOf(number), false))
  await settle()
  expect(b.received).toEqual([])
  a.transport.send(messageOf(4), false)
  await settle()
  refuse(false)
  await clock.advance(1_000)
  await settle()
  expect(b.received.map(({ data }) => data)).toEqual([1, 2, 3, 4])
  expect(items.every(({ isAccepted }) => isAccepted)).toBe(true)
})
