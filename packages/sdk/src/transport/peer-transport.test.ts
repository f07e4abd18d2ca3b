import { expect, test } from 'vitest'
import { mainLabel } from '../link/link.ts'
import { seededRandom } from '../testing/seeds.ts'
import { messageOf, type PipePair, pipePair } from './peer-transport-pair.testing.ts'

const seedOf = (offset: number) => Number(process.env.SKEIN_SEED ?? Date.now() % 1e9) + offset

interface Numbered {
  readonly number: number
  readonly filler: string
}

const numbersOf = ({ heard }: PipePair['b'], label: string) =>
  heard.filter((each) => each.label === label).map(({ data }) => (data as Numbered).number)

test('each message arrives once and in order, however it is cut and however often the line breaks', async () => {
  const seed = seedOf(0)
  console.log(`transports: SKEIN_SEED=${seed}`)
  const random = seededRandom(seed)
  for (let run = 0; run < 25; run += 1) {
    const pair = pipePair(random)
    const sent = await badDay(pair, random)
    await pair.settle()
    for (const [label, count] of sent) {
      expect(numbersOf(pair.b, label)).toEqual(Array.from({ length: count }, (_, at) => at))
    }
    expect([...pair.a.wrongs, ...pair.b.wrongs]).toEqual([])
  }
})

/** Sends at random on a line that breaks at random; how many went by each channel. */
const badDay = async (pair: PipePair, random: () => number): Promise<Map<string, number>> => {
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

test('a Blob is cut and comes back whole, on a second connection too', async () => {
  const pair = pipePair(seededRandom(1))
  pair.connect(20_000)
  const bytes = new Uint8Array(700_000).map((_, at) => at % 251)
  pair.a.transport.send(messageOf(new Blob([bytes], { type: 'a/b' })), false)
  for (let round = 0; round < 12; round += 1) await pair.step()
  pair.interrupt()
  pair.connect(50_000)
  await pair.settle()
  const [message, ...more] = pair.b.heard
  expect(more).toEqual([])
  expect(message?.data).toBeInstanceOf(Blob)
  const blob = message?.data as Blob
  expect(blob.type).toBe('a/b')
  expect(new Uint8Array(await blob.arrayBuffer())).toEqual(bytes)
})

test('an answer settles the message that it is for, once', async () => {
  const pair = pipePair(seededRandom(2))
  pair.connect()
  const outcomes: unknown[] = []
  const item = pair.a.transport.send(messageOf('ask'), true)
  item.onchange = () => item.result !== undefined && outcomes.push(item.result)
  await pair.settle()
  const [heard] = pair.b.heard
  expect(heard?.askId).toBe(1)
  pair.a.transport.answered(7, null)
  pair.a.transport.answered(heard?.askId, 'stale-term')
  pair.a.transport.answered(heard?.askId, null)
  expect(outcomes).toEqual(['stale-term'])
})

test('what was sent on a connection that never opened there goes again', async () => {
  const pair = pipePair(seededRandom(2))
  pair.connect()
  // The hello of one side got through, that of the other and all after it did not.
  await Promise.resolve()
  const [toA] = pair.wire.filter(({ to }) => to === pair.a)
  if (toA) pair.a.transport.frame(mainLabel, toA.frame)
  pair.a.transport.send(messageOf('early'), false)
  await Promise.resolve()
  pair.interrupt()
  pair.connect()
  await pair.settle()
  expect(pair.b.heard.map(({ data }) => data)).toEqual(['early'])
})

test('small messages of one turn share a frame, and a large one does not hold up a small one', async () => {
  const pair = pipePair(seededRandom(3))
  pair.connect()
  await pair.settle()
  for (let number = 0; number < 100; number += 1) pair.a.transport.send(messageOf(number), false)
  await Promise.resolve()
  expect(pair.wire.length).toBe(1)
  await pair.settle()
  pair.b.heard.length = 0
  pair.a.transport.send(messageOf(new Uint8Array(900_000), { label: 'big' }), false)
  await pair.step()
  pair.a.transport.send(messageOf('quick', { label: 'small' }), false)
  await pair.settle()
  expect(pair.b.heard.map(({ label }) => label)).toEqual(['small', 'big'])
})

test('a message that is taken back midway does not arrive, and those after it do', async () => {
  const pair = pipePair(seededRandom(4))
  pair.connect()
  await pair.settle()
  const item = pair.a.transport.send(messageOf(new Uint8Array(900_000)), false)
  await pair.step()
  expect(item.offset).toBeGreaterThan(0)
  pair.a.transport.settle(item, 'aborted')
  pair.a.transport.send(messageOf('next'), false)
  await pair.settle()
  expect(pair.b.heard.map(({ data }) => data)).toEqual(['next'])
  expect(pair.b.wrongs).toEqual([])
})

test('more than may wait is refused, one message of any size is not', () => {
  const pair = pipePair(seededRandom(5))
  const large = pair.a.transport.send(messageOf(new Uint8Array(65 * 2 ** 20)), false)
  expect(large.result).toBe(undefined)
  expect(pair.a.transport.send(messageOf('x'), false).result).toBe('queue-full')
  pair.a.transport.setReachable(false, 'peer-gone')
  expect(large.result).toBe('peer-gone')
})

test('what was taken stays while the link counts as failed, what was not is given up', async () => {
  const pair = pipePair(seededRandom(5))
  pair.connect()
  await pair.settle()
  pair.interrupt()
  const taken = pair.a.transport.send(messageOf('taken'), false)
  pair.a.transport.send(messageOf(new Uint8Array(500_000)), false)
  const waits = pair.a.transport.send(messageOf('waits'), false)
  expect([taken.isTaken, waits.isTaken]).toEqual([true, false])
  pair.a.transport.setReachable(false)
  expect([taken.result, waits.result]).toEqual([undefined, 'peer-unreachable'])
  expect(pair.a.transport.send(messageOf('later'), false).result).toBe('peer-unreachable')
  pair.a.transport.setReachable(true)
  pair.connect()
  await pair.settle()
  expect(pair.b.heard.map(({ data }) => (typeof data === 'string' ? data : 'bytes'))).toEqual([
    'taken',
    'bytes',
  ])
})

test('a peer that acknowledges nothing makes the sender wait, not forget', async () => {
  const pair = pipePair(seededRandom(6))
  pair.connect()
  await pair.settle()
  const items = Array.from({ length: 60 }, () =>
    pair.a.transport.send(messageOf(new Uint8Array(900_000)), false),
  )
  // Frames vanish: as if the peer read them and never said so.
  for (let round = 0; round < 100; round += 1) {
    pair.wire.length = 0
    await pair.step()
  }
  expect(items.filter(({ isSent }) => isSent)).toEqual([])
  pair.interrupt()
  pair.connect()
  await pair.settle()
  expect(pair.b.heard.length).toBe(60)
})

test('what came is acknowledged soon, so that only the rest counts as undelivered', async () => {
  const pair = pipePair(seededRandom(7))
  pair.connect()
  await pair.settle()
  for (const data of [1, 2, 3]) pair.a.transport.send(messageOf(data), false)
  await pair.settle()
  pair.interrupt()
  for (const data of [4, 5]) pair.a.transport.send(messageOf(data), false)
  pair.a.transport.send(messageOf(6), true)
  expect(pair.b.heard.map(({ data }) => data)).toEqual([1, 2, 3])
  // Of the one that asked for an answer its sender hears in another way.
  expect(pair.a.transport.close('peer-gone')).toEqual(new Map([['x', 2]]))
})

test('a buffer too large to be copied is its owner’s again when it has arrived, not before', async () => {
  const pair = pipePair(seededRandom(8), { maxMessageBytes: 8 * 2 ** 20 })
  pair.connect()
  await pair.settle()
  const bytes = new Uint8Array(3 * 2 ** 20).fill(7)
  const item = pair.a.transport.send(messageOf(bytes), false)
  while (!item.isSent) await pair.step()
  expect(item.isTaken).toBe(false)
  // It goes again as it was sent.
  pair.interrupt()
  pair.connect()
  while (!item.isTaken) await pair.step()
  bytes.fill(0)
  expect(pair.b.heard.map(({ data }) => new Set(data as Uint8Array))).toEqual([new Set([7])])
})
