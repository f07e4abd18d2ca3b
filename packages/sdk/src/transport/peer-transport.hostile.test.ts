import { expect, test } from 'vitest'
import { mainLabel } from '../link/link.ts'
import { collectGarbage } from '../testing/collect-garbage.testing.ts'
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
import { transportPair } from './peer-transport-pair.testing.ts'

const seedOf = (offset: number) => Number(process.env.SKEIN_SEED ?? Date.now() % 1e9) + offset

test('random frames from a peer never throw, and messages stay within the size limit', async () => {
  const seed = seedOf(7)
  console.log(`hostile peers: SKEIN_SEED=${seed - 7}`)
  const random = seededRandom(seed)
  for (let run = 0; run < 2_000; run += 1) {
    const { a, connect } = transportPair(random, { maxMessageBytes: 10_000 })
    connect()
    const writer = new FrameWriter()
    if (random() < 0.9) hello(writer)
    a.transport.frame(mainLabel, writer.finish())
    for (let count = 0; count < 8 && a.violations.length === 0; count += 1) {
      a.transport.frame(mainLabel, hostileFrame(random))
    }
    for (const { bytes } of a.received) expect(bytes).toBeLessThanOrEqual(10_000)
  }
})

/** Random records, biased towards valid ones. */
const hostileFrame = (random: () => number): Uint8Array<ArrayBuffer> => {
  const writer = new FrameWriter()
  const randomInt = (max: number) => Math.floor(random() * max)
  const counts = [6, 1, 2, 1, 3, 1, 1, 2]
  for (let records = randomInt(6); records >= 0; records -= 1) {
    const type = randomInt(8)
    const numbers = Array.from({ length: counts[type] ?? 0 }, () =>
      randomInt(random() < 0.8 ? 4 : 2 ** 40),
    )
    writer.record(type | (randomInt(4) << 4), ...numbers)
    const length = randomInt(random() < 0.9 ? 40 : 5_000)
    if ([1, 3, 4].includes(type)) writer.bytes(new Uint8Array(length))
  }
  const frame = writer.finish()
  // Sometimes corrupt a byte.
  if (random() < 0.3) frame[randomInt(frame.length)] = randomInt(256)
  return frame
}

const bytes = (count: number) => new Uint8Array(count)
const hello = (writer: FrameWriter) =>
  writer.record(helloRecord, frameVersion, frameVersion, 10_000, 1, 0, 0)
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

const violations: readonly (readonly [string, string, (writer: FrameWriter) => void])[] = [
  [
    'continues a message that never began',
    'unexpected fragment',
    (writer) => {
      channel(writer)
      more(writer, 1)
    },
  ],
  ['uses an unknown channel', 'unknown channel', (writer) => more(writer, 1, 9)],
  [
    'begins a message inside another',
    'unexpected fragment',
    (writer) => {
      channel(writer)
      start(writer, 2_000)
      start(writer, 2_000)
    },
  ],
  ['sends hello twice', 'unexpected hello', hello],
  ['sends a record of unknown type', 'malformed frame', (writer) => writer.record(9, 1)],
  [
    'sends a record of unknown type inside a message',
    'malformed frame',
    (writer) => {
      channel(writer)
      start(writer, 2_000)
      writer.record(9, 1)
    },
  ],
  [
    'changes the label of a channel',
    'channel label changed',
    (writer) => {
      channel(writer)
      writer.record(channelRecord, 1)
      writer.bytes(new Uint8Array([121]))
    },
  ],
  [
    'sends a message that is too large',
    'message too large',
    (writer) => {
      channel(writer)
      start(writer, 9_000)
      more(writer, 9_000)
    },
  ],
  [
    'sends a fragment that is too small',
    'fragment too small',
    (writer) => {
      channel(writer)
      start(writer, 0)
      more(writer, 1)
    },
  ],
  [
    'sends invalid JSON',
    'invalid content',
    (writer) => {
      channel(writer)
      start(writer, 3, { flags: lastFlag, kind: 1 })
    },
  ],
  [
    'opens too many channels',
    'too many channels',
    (writer) => {
      for (let number = 0; number < 2_000; number += 1) channel(writer, number)
    },
  ],
  [
    'acknowledges bytes that were not sent',
    'invalid ack count',
    (writer) => writer.record(ackRecord, 1_000_000),
  ],
  [
    'reports reading messages that were not sent',
    'invalid ack count',
    (writer) => writer.record(readRecord, 1, 1),
  ],
  [
    'acknowledges less than before',
    'invalid ack count',
    (writer) => {
      writer.record(ackRecord, 2)
      writer.record(ackRecord, 1)
    },
  ],
]

for (const [what, reason, write] of violations) {
  test(`a peer that ${what} is reported`, () => {
    // Without randomness the session of this side is 1.
    const { a, connect } = transportPair(() => 0, { maxMessageBytes: 10_000 })
    connect()
    const writer = new FrameWriter()
    hello(writer)
    a.transport.frame(mainLabel, writer.finish())
    write(writer)
    a.transport.frame(mainLabel, writer.finish())
    expect(a.violations).toEqual([reason])
  })
}

const badFirstFrames: readonly (readonly [string, string, (writer: FrameWriter) => void])[] = [
  [
    'speaks later versions alone',
    'no common version',
    (writer) => writer.record(helloRecord, frameVersion + 1, 99, 1, 1, 0, 0),
  ],
  [
    'speaks earlier versions alone',
    'no common version',
    (writer) => writer.record(helloRecord, 1, frameVersion - 1, 1, 1, 0, 0),
  ],
  ['does not begin with hello', 'unexpected hello', (writer) => channel(writer)],
  [
    'claims to have received bytes that were not sent',
    'invalid ack count',
    (writer) => writer.record(helloRecord, frameVersion, frameVersion, 1, 1, 1, 7),
  ],
]

for (const [what, reason, write] of badFirstFrames) {
  test(`a peer that ${what} is reported`, () => {
    const { a, connect } = transportPair(() => 0)
    connect()
    const writer = new FrameWriter()
    write(writer)
    a.transport.frame(mainLabel, writer.finish())
    expect(a.violations).toEqual([reason])
  })
}

test('a peer that exceeds its credit is reported', () => {
  const { a, connect } = transportPair(() => 0, { autoRead: false })
  connect()
  const writer = new FrameWriter()
  hello(writer)
  a.transport.frame(mainLabel, writer.finish())
  channel(writer)
  for (let sent = 0; a.violations.length === 0 && sent < 4 * channelCredit; sent += 20_000) {
    start(writer, 20_000, { flags: lastFlag })
    a.transport.frame(mainLabel, writer.finish())
  }
  expect(a.violations).toEqual(['credit exceeded'])
  const held = a.received.reduce((sum, each) => sum + costOf(each.bytes), 0)
  expect(held).toBeLessThan(channelCredit + costOf(20_000))
})

test('data other than a Blob is at most 256 MiB, whatever this side accepts', () => {
  const { a, connect } = transportPair(() => 0, { maxMessageBytes: 2 ** 30 })
  connect()
  const writer = new FrameWriter()
  hello(writer)
  a.transport.frame(mainLabel, writer.finish())
  channel(writer)
  start(writer, 2)
  a.transport.frame(mainLabel, writer.finish())
  more(writer, 60_000)
  // The same buffer again and again: only the count of its bytes grows.
  const frame = writer.finish().slice()
  for (let sent = 60_000; sent < 2 ** 28; sent += 60_000) a.transport.frame(mainLabel, frame)
  expect(a.violations).toEqual([])
  a.transport.frame(mainLabel, frame)
  expect(a.violations).toEqual(['message too large'])
  expect(a.held).toBe(0)
})

test('a message that is not read keeps its data alone, not the frames that it came in', async () => {
  const { a, connect } = transportPair(() => 0, { autoRead: false })
  connect()
  const writer = new FrameWriter()
  hello(writer)
  a.transport.frame(mainLabel, writer.finish())
  channel(writer)
  a.transport.frame(mainLabel, writer.finish())
  const deliver = (write: () => void) => {
    write()
    const frame = writer.finish().slice()
    a.transport.frame(mainLabel, frame)
    return new WeakRef(frame.buffer)
  }
  const buffers = [
    deliver(() => start(writer, 50_000)),
    deliver(() => more(writer, 50_000)),
    deliver(() => {
      writer.record(moreRecord | lastFlag, 1)
      writer.bytes(bytes(50_000))
    }),
  ]
  await collectGarbage()
  expect(a.received.map((message) => message.bytes)).toEqual([150_000])
  expect(buffers.map((buffer) => buffer.deref())).toEqual([undefined, undefined, undefined])
})

test('peers of different versions talk in one that both know, whatever else a later hello says', async () => {
  const { a, connect } = transportPair(() => 0)
  connect()
  const writer = new FrameWriter()
  writer.record(helloRecord, frameVersion, 99, 10_000, 1, 0, 0)
  // Fields of a later version.
  writer.record(77, 1, 2, 3)
  a.transport.frame(mainLabel, writer.finish())
  channel(writer)
  start(writer, 3, { flags: lastFlag })
  a.transport.frame(mainLabel, writer.finish())
  expect([a.violations, a.received.length]).toEqual([[], 1])
})

const namedChannels: readonly (readonly [string, number])[] = [
  ['its own channel', 1],
  ['another channel', 0],
  ['the control channel', 0],
  ['the channel for calls', 0],
]
const labels = ['x', 'y', '', '\0']

for (const [at, [what, arriving]] of namedChannels.entries()) {
  test(`a frame on a separate frame channel that names ${what} is ${arriving ? 'taken' : 'abuse'}`, () => {
    const { a, connect } = transportPair(() => 0)
    connect()
    const writer = new FrameWriter()
    hello(writer)
    a.transport.frame(mainLabel, writer.finish())
    const label = labels[at] ?? ''
    writer.record(channelRecord, 1)
    writer.bytes(new TextEncoder().encode(label))
    start(writer, 3, { flags: lastFlag })
    // The reserved channels under their own names, the others on that of `x`.
    a.transport.frame(label > 'a' ? 'c:x' : `c:${label}`, writer.finish())
    expect(a.received.length).toBe(arriving)
    expect(a.violations).toEqual(arriving ? [] : ['wrong channel'])
  })
}
