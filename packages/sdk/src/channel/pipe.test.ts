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

test('an answer comes once, also when the line breaks before it', async () => {
  const random = seededRandom(2)
  for (let after = 0; after < 8; after += 1) {
    const pair = pipePair(random)
    pair.connect()
    const outcomes: unknown[] = []
    const settled = (code: unknown) => outcomes.push(code)
    pair.a.pipe.send(messageOf('ask'), { ...quiet, asksAnswer: true, settled })
    let answered = 0
    for (let step = 0; step < 12; step += 1) {
      if (step === after) {
        pair.interrupt()
        pair.connect()
      }
      await pair.step()
      for (; answered < pair.b.heard.length; answered += 1) {
        pair.b.pipe.answer(pair.b.heard[answered]?.askId ?? -1, 'stale-term')
      }
    }
    await pair.settle()
    expect([outcomes, pair.b.heard.length]).toEqual([['stale-term'], 1])
  }
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
  pair.a.pipe.close('peer-gone')
  expect(codes).toEqual(['queue-full', 'peer-gone'])
})

test('a peer that does not confirm makes the sender wait, not forget', async () => {
  const pair = pipePair(seededRandom(6))
  pair.connect()
  await pair.settle()
  let accepted = 0
  for (let count = 0; count < 60; count += 1) {
    const handlers = { ...quiet, accepted: () => (accepted += 1) }
    pair.a.pipe.send(messageOf(new Uint8Array(900_000)), handlers)
  }
  // Frames vanish: as if the peer read them and never said so.
  for (let round = 0; round < 2_000; round += 1) {
    pair.wire.splice(0, pair.wire.length - 1)
    pair.wire.length = 0
    await Promise.resolve()
    pair.a.pipe.answer(0, null)
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
  const counts = [5, 1, 2, 1, 2, 3, 2, 1, 1, 1]
  for (let records = any(6); records >= 0; records -= 1) {
    const type = any(10)
    const numbers = Array.from({ length: counts[type] ?? 0 }, () =>
      any(random() < 0.8 ? 4 : 2 ** 40),
    )
    const hasBytes = [1, 3, 4, 5].includes(type)
    const bytes = hasBytes ? new Uint8Array(any(random() < 0.9 ? 40 : 12_000)) : null
    writer.write({ type, flags: any(16), numbers, bytes })
  }
  const frame = writer.finish()
  // A flipped byte now and then.
  if (random() < 0.3) frame[any(frame.length)] = any(256)
  return frame
}

const crimes: readonly (readonly [string, string, (writer: FrameWriter) => void])[] = [
  [
    'goes on with what never began',
    'unknown channel',
    (writer) => writer.write({ type: recordTypes.more, numbers: [9], bytes: new Uint8Array(1) }),
  ],
  ['says hello twice', 'second hello', (writer) => hello(writer)],
  [
    'speaks another version',
    'frame of another version',
    (writer) => writer.write({ type: recordTypes.hello, numbers: [99, 1, 1, 0, 0] }),
  ],
  [
    'confirms what was never sent',
    'count of what was never sent',
    (writer) => writer.write({ type: recordTypes.received, numbers: [1] }),
  ],
  [
    'sends more than I take',
    'message larger than allowed',
    (writer) => {
      writer.write({ type: recordTypes.channel, numbers: [1], bytes: new Uint8Array([120]) })
      writer.write({ type: recordTypes.start, numbers: [1, 2], bytes: new Uint8Array(9_000) })
      writer.write({ type: recordTypes.more, numbers: [1], bytes: new Uint8Array(9_000) })
    },
  ],
  [
    'makes no headway',
    'message that makes no headway',
    (writer) => {
      writer.write({ type: recordTypes.channel, numbers: [1], bytes: new Uint8Array([120]) })
      writer.write({ type: recordTypes.start, numbers: [1, 2], bytes: new Uint8Array(0) })
      writer.write({ type: recordTypes.more, numbers: [1], bytes: new Uint8Array(0) })
    },
  ],
  [
    'sends JSON that is none',
    'message that is not of its kind',
    (writer) => {
      writer.write({ type: recordTypes.channel, numbers: [1], bytes: new Uint8Array([120]) })
      writer.write({ type: recordTypes.start, flags: 1, numbers: [1, 1], bytes: new Uint8Array(3) })
    },
  ],
  [
    'announces channels without end',
    'too many channels',
    (writer) => {
      for (let number = 0; number < 2_000; number += 1) {
        writer.write({ type: recordTypes.channel, numbers: [number], bytes: new Uint8Array(2) })
      }
    },
  ],
]
const hello = (writer: FrameWriter) =>
  writer.write({ type: recordTypes.hello, numbers: [frameVersion, 10_000, 1, 0, 0] })

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
