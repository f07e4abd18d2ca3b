import { expect, test } from 'vitest'
import { mainLabel } from '../link/link.ts'
import { seededRandom } from '../testing/seeds.ts'
import { channelCredit, costOf } from './credit.ts'
import {
  ackRecord,
  channelRecord,
  FrameWriter,
  frameVersion,
  helloRecord,
  lastFlag,
  moreRecord,
  readRecord,
  startRecord,
} from './frame.ts'
import { pipePair } from './peer-transport-pair.testing.ts'

const seedOf = (offset: number) => Number(process.env.SKEIN_SEED ?? Date.now() % 1e9) + offset

test('whatever a peer sends, nothing throws, and what is held stays below the limit', async () => {
  const seed = seedOf(7)
  console.log(`hostile peers: SKEIN_SEED=${seed - 7}`)
  const random = seededRandom(seed)
  for (let run = 0; run < 2_000; run += 1) {
    const { a, connect } = pipePair(random, { maxMessageBytes: 10_000 })
    connect()
    const writer = new FrameWriter()
    if (random() < 0.9) hello(writer)
    a.transport.frame(mainLabel, writer.finish())
    for (let count = 0; count < 8 && a.wrongs.length === 0; count += 1) {
      a.transport.frame(mainLabel, hostileFrame(random))
    }
    for (const { bytes } of a.heard) expect(bytes).toBeLessThanOrEqual(10_000)
  }
})

/** Records that look right more often than chance would have it. */
const hostileFrame = (random: () => number): Uint8Array<ArrayBuffer> => {
  const writer = new FrameWriter()
  const any = (max: number) => Math.floor(random() * max)
  const counts = [5, 1, 2, 1, 3, 1, 1, 2]
  for (let records = any(6); records >= 0; records -= 1) {
    const type = any(8)
    const numbers = Array.from({ length: counts[type] ?? 0 }, () =>
      any(random() < 0.8 ? 4 : 2 ** 40),
    )
    writer.record(type | (any(4) << 4), ...numbers)
    const length = any(random() < 0.9 ? 40 : 5_000)
    if ([1, 3, 4].includes(type)) writer.bytes(new Uint8Array(length))
  }
  const frame = writer.finish()
  // A flipped byte now and then.
  if (random() < 0.3) frame[any(frame.length)] = any(256)
  return frame
}

const bytes = (count: number) => new Uint8Array(count)
const hello = (writer: FrameWriter) => writer.record(helloRecord, frameVersion, 10_000, 1, 0, 0)
const channel = (writer: FrameWriter, number = 1) => {
  writer.record(channelRecord, number)
  writer.bytes(new Uint8Array([120]))
}
const start = (writer: FrameWriter, count: number, { flags = 0, kind = 4 } = {}) => {
  writer.record(startRecord | flags, 1, kind, 0)
  writer.bytes(bytes(count))
}
const more = (writer: FrameWriter, count: number, number = 1) => {
  writer.record(moreRecord, number)
  writer.bytes(bytes(count))
}

const crimes: readonly (readonly [string, string, (writer: FrameWriter) => void])[] = [
  [
    'goes on with what never began',
    'message out of turn',
    (writer) => {
      channel(writer)
      more(writer, 1)
    },
  ],
  [
    'speaks of a channel that it has not announced',
    'message without a channel',
    (writer) => more(writer, 1, 9),
  ],
  [
    'begins a message within another',
    'message out of turn',
    (writer) => {
      channel(writer)
      start(writer, 2_000)
      start(writer, 2_000)
    },
  ],
  ['greets twice', 'hello out of turn', hello],
  ['sends records of no type', 'malformed frame', (writer) => writer.record(9, 1)],
  [
    'sends records of no type on a channel',
    'malformed frame',
    (writer) => {
      channel(writer)
      start(writer, 2_000)
      writer.record(9, 1)
    },
  ],
  [
    'gives a channel another label',
    'channel of two labels',
    (writer) => {
      channel(writer)
      writer.record(channelRecord, 1)
      writer.bytes(new Uint8Array([121]))
    },
  ],
  [
    'sends more than I take',
    'message larger than allowed',
    (writer) => {
      channel(writer)
      start(writer, 9_000)
      more(writer, 9_000)
    },
  ],
  [
    'makes no headway',
    'message without headway',
    (writer) => {
      channel(writer)
      start(writer, 0)
      more(writer, 1)
    },
  ],
  [
    'sends JSON that is none',
    'message that is not of its kind',
    (writer) => {
      channel(writer)
      start(writer, 3, { flags: lastFlag, kind: 1 })
    },
  ],
  [
    'announces channels without end',
    'flood of channels',
    (writer) => {
      for (let number = 0; number < 2_000; number += 1) channel(writer, number)
    },
  ],
  [
    'acknowledges bytes that were never sent',
    'count of what was never sent',
    (writer) => writer.record(ackRecord, 1_000_000),
  ],
  [
    'has read what was never sent',
    'count of what was never sent',
    (writer) => writer.record(readRecord, 1, 1),
  ],
  [
    'acknowledges less than before',
    'count of what was never sent',
    (writer) => {
      writer.record(ackRecord, 2)
      writer.record(ackRecord, 1)
    },
  ],
]

for (const [what, reason, commit] of crimes) {
  test(`a peer that ${what} is named for it`, () => {
    // Its session is 1, whatever happens.
    const { a, connect } = pipePair(() => 0, { maxMessageBytes: 10_000 })
    connect()
    const writer = new FrameWriter()
    hello(writer)
    commit(writer)
    a.transport.frame(mainLabel, writer.finish())
    expect(a.wrongs).toEqual([reason])
  })
}

const rude: readonly (readonly [string, string, (writer: FrameWriter) => void])[] = [
  [
    'speaks another version',
    'frame of another version',
    (writer) => writer.record(helloRecord, 99, 1, 1, 0, 0),
  ],
  ['does not say hello first', 'hello out of turn', (writer) => channel(writer)],
  [
    'has received what was never sent',
    'count of what was never sent',
    (writer) => writer.record(helloRecord, frameVersion, 1, 1, 1, 7),
  ],
]

for (const [what, reason, commit] of rude) {
  test(`a peer that ${what} is named for it`, () => {
    const { a, connect } = pipePair(() => 0)
    connect()
    const writer = new FrameWriter()
    commit(writer)
    a.transport.frame(mainLabel, writer.finish())
    expect(a.wrongs).toEqual([reason])
  })
}

test('a peer that goes beyond its credit is named for it', () => {
  const { a, connect } = pipePair(() => 0, { isRead: false })
  connect()
  const writer = new FrameWriter()
  hello(writer)
  channel(writer)
  for (let sent = 0; a.wrongs.length === 0 && sent < 4 * channelCredit; sent += 20_000) {
    start(writer, 20_000, { flags: lastFlag })
    a.transport.frame(mainLabel, writer.finish())
  }
  expect(a.wrongs).toEqual(['message beyond its credit'])
  const held = a.heard.reduce((sum, each) => sum + costOf(each.bytes), 0)
  expect(held).toBeLessThan(channelCredit + costOf(20_000))
})
