import { expect, test } from 'vitest'
import { mainLabel } from '../link/link.ts'
import { seededRandom } from '../testing/seeds.ts'
import { FrameWriter, frameVersion, recordTypes } from './frame.ts'
import { messageOf, type PipePair, pipePair } from './pipe-pair.testing.ts'

const seedOf = (offset: number) => Number(process.env.SKEIN_SEED ?? Date.now() % 1e9) + offset
const quiet = { asksAnswer: false, accepted: () => {}, settled: () => {} }

interface Numbered {
  readonly number: number
  readonly filler: string
}

const numbersOf = ({ heard }: PipePair['b'], label: string) =>
  heard.filter((each) => each.label === label).map(({ data }) => (data as Numbered).number)

test('each message arrives once and in order, however it is cut and however often the line breaks', async () => {
  const seed = seedOf(0)
  console.log(`pipes: SKEIN_SEED=${seed}`)
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
    pair.a.pipe.send(messageOf({ number, filler }, { label, weight: 1 + (round % 4) }), quiet)
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
  pair.a.pipe.send(messageOf(new Blob([bytes], { type: 'a/b' })), quiet)
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
  const settled = (code: unknown) => outcomes.push(code)
  pair.a.pipe.send(messageOf('ask'), { ...quiet, asksAnswer: true, settled })
  await pair.settle()
  const [heard] = pair.b.heard
  expect(heard?.askId).toBe(1)
  pair.a.pipe.answered(7, null)
  pair.a.pipe.answered(heard?.askId, 'stale-term')
  pair.a.pipe.answered(heard?.askId, null)
  expect(outcomes).toEqual(['stale-term'])
})

test('what was sent on a connection that never opened there goes again', async () => {
  const pair = pipePair(seededRandom(2))
  pair.connect()
  // The hello of one side got through, that of the other and all after it did not.
  await Promise.resolve()
  const [toA] = pair.wire.filter(({ to }) => to === pair.a)
  if (toA) pair.a.pipe.frame(mainLabel, toA.frame)
  pair.a.pipe.send(messageOf('early'), quiet)
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
  for (let number = 0; number < 100; number += 1) pair.a.pipe.send(messageOf(number), quiet)
  await Promise.resolve()
  expect(pair.wire.length).toBe(1)
  await pair.settle()
  pair.b.heard.length = 0
  pair.a.pipe.send(messageOf(new Uint8Array(900_000), { label: 'big' }), quiet)
  await pair.step()
  pair.a.pipe.send(messageOf('quick', { label: 'small' }), quiet)
  await pair.settle()
  expect(pair.b.heard.map(({ label }) => label)).toEqual(['small', 'big'])
})

test('a message that is taken back midway does not arrive, and those after it do', async () => {
  const pair = pipePair(seededRandom(4))
  pair.connect()
  await pair.settle()
  const item = pair.a.pipe.send(messageOf(new Uint8Array(900_000)), quiet)
  await pair.step()
  expect(item?.offset).toBeGreaterThan(0)
  if (item) pair.a.pipe.cancel(item)
  pair.a.pipe.send(messageOf('next'), quiet)
  await pair.settle()
  expect(pair.b.heard.map(({ data }) => data)).toEqual(['next'])
  expect(pair.b.wrongs).toEqual([])
})

test('more than may wait is refused, one message of any size is not', () => {
  const pair = pipePair(seededRandom(5))
  const codes: unknown[] = []
  const handlers = { ...quiet, settled: (code: unknown) => codes.push(code) }
  const large = messageOf(new Uint8Array(65 * 2 ** 20))
  pair.a.pipe.send(large, handlers)
  expect(codes).toEqual([])
  pair.a.pipe.send(messageOf('x'), handlers)
  expect(codes).toEqual(['queue-full'])
  pair.a.pipe.setReachable(false, 'peer-gone')
  expect(codes).toEqual(['queue-full', 'peer-gone'])
})

test('a peer that does not confirm makes the sender wait, not forget', async () => {
  const pair = pipePair(seededRandom(6))
  pair.connect()
  await pair.settle()
  let accepted = 0
  const none = { ...quiet, message: messageOf(0), askId: 0, offset: -1, block: null }
  for (let count = 0; count < 60; count += 1) {
    const handlers = { ...quiet, accepted: () => (accepted += 1) }
    pair.a.pipe.send(messageOf(new Uint8Array(900_000)), handlers)
  }
  // Frames vanish: as if the peer read them and never said so.
  for (let round = 0; round < 1_000; round += 1) {
    pair.wire.length = 0
    pair.a.pipe.cancel(none)
    await Promise.resolve()
  }
  expect(accepted).toBeGreaterThan(10)
  expect(accepted).toBeLessThan(22)
})

test('whatever a peer sends, nothing throws, and what is held stays below the limit', async () => {
  const seed = seedOf(7)
  console.log(`hostile peers: SKEIN_SEED=${seed - 7}`)
  const random = seededRandom(seed)
  for (let run = 0; run < 2_000; run += 1) {
    const { a, connect } = pipePair(random, { maxMessageBytes: 10_000 })
    connect()
    for (let count = 0; count < 8 && a.wrongs.length === 0; count += 1) {
      a.pipe.frame(mainLabel, hostileFrame(random))
    }
    for (const { bytes } of a.heard) expect(bytes).toBeLessThanOrEqual(10_000)
  }
})

/** Records that look right more often than chance would have it. */
const hostileFrame = (random: () => number): Uint8Array<ArrayBuffer> => {
  const writer = new FrameWriter()
  const any = (max: number) => Math.floor(random() * max)
  const counts = [5, 1, 2, 1, 3, 1]
  for (let records = any(6); records >= 0; records -= 1) {
    const type = any(6)
    const numbers = Array.from({ length: counts[type] ?? 0 }, () =>
      any(random() < 0.8 ? 4 : 2 ** 40),
    )
    const hasBytes = [1, 3, 4].includes(type)
    const bytes = hasBytes ? new Uint8Array(any(random() < 0.9 ? 40 : 12_000)) : undefined
    writer.write(type | (any(4) << 4), numbers, bytes)
  }
  const frame = writer.finish()
  // A flipped byte now and then.
  if (random() < 0.3) frame[any(frame.length)] = any(256)
  return frame
}

const bytes = (count: number) => new Uint8Array(count)
const hello = (writer: FrameWriter, received = 0, session = 0) =>
  writer.write(recordTypes.hello, [frameVersion, 10_000, 1, session, received])
const channel = (writer: FrameWriter) =>
  writer.write(recordTypes.channel, [1], new Uint8Array([120]))

const crimes: readonly (readonly [string, string, (writer: FrameWriter) => void])[] = [
  [
    'goes on with what never began',
    'message without a channel',
    (writer) => writer.write(recordTypes.more, [9], bytes(1)),
  ],
  [
    'begins a message within another',
    'message out of turn',
    (writer) => {
      channel(writer)
      for (const _ of 'ab') writer.write(recordTypes.start, [1, 4, 0], bytes(2_000))
    },
  ],
  [
    'speaks another version',
    'frame of another version',
    (writer) => writer.write(recordTypes.hello, [99, 1, 1, 0, 0]),
  ],
  [
    'sends more than I take',
    'message larger than allowed',
    (writer) => {
      channel(writer)
      writer.write(recordTypes.start, [1, 4, 0], bytes(9_000))
      writer.write(recordTypes.more, [1], bytes(9_000))
    },
  ],
  [
    'makes no headway',
    'message without headway',
    (writer) => {
      channel(writer)
      writer.write(recordTypes.start, [1, 4, 0], bytes(0))
      writer.write(recordTypes.more, [1], bytes(1))
    },
  ],
  [
    'sends JSON that is none',
    'message that is not of its kind',
    (writer) => {
      channel(writer)
      writer.write(recordTypes.start | 16, [1, 1, 0], bytes(3))
    },
  ],
  [
    'announces channels without end',
    'flood of channels',
    (writer) => {
      for (let number = 0; number < 2_000; number += 1) {
        writer.write(recordTypes.channel, [number], bytes(2))
      }
    },
  ],
]

for (const [what, reason, commit] of crimes) {
  test(`a peer that ${what} is named for it`, () => {
    const { a, connect } = pipePair(seededRandom(8), { maxMessageBytes: 10_000 })
    connect()
    const writer = new FrameWriter()
    hello(writer)
    commit(writer)
    a.pipe.frame(mainLabel, writer.finish())
    expect(a.wrongs).toEqual([reason])
  })
}

test('a peer that confirms what was never sent is named for it', () => {
  const { a, connect } = pipePair(() => 0, { maxMessageBytes: 10_000 })
  connect()
  const writer = new FrameWriter()
  hello(writer, 1, 1)
  a.pipe.frame(mainLabel, writer.finish())
  expect(a.wrongs).toEqual(['count of what was never sent'])
})
