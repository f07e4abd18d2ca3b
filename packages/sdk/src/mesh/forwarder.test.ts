import { type PeerId, peerId } from '@skein/protocol'
import { expect, test } from 'vitest'
import { virtualClock } from '../testing/virtual-clock.ts'
import { Forwarder } from './forwarder.ts'
import * as limits from './limits.ts'
import {
  blockedFrame,
  closeFrame,
  connectionIdBytes,
  dataFrame,
  decodeRelayFrame,
  type RelayFrame,
} from './relay-frame.ts'

const [ann, ben, cat] = ['ann', 'ben', 'cat'].map(peerId) as [PeerId, PeerId, PeerId]

const frameFor = (peer: PeerId, bytes = 10, kind = dataFrame): RelayFrame => ({
  kind,
  isDelivery: false,
  peer,
  connection: new Uint8Array(connectionIdBytes),
  body: new Uint8Array(bytes),
})

/** A forwarder with links to some members, and what it sends. `taken` lets one frame leave. */
const forwarder = ({ canRelay = true, reached = [ann, ben] } = {}) => {
  const clock = virtualClock()
  const frames: { to: PeerId; frame: RelayFrame | null; taken: () => void }[] = []
  const messages: unknown[] = []
  const tested = new Forwarder({
    clock,
    canRelay,
    isReached: (peer) => reached.includes(peer),
    post: {
      message: (to, data) => messages.push([to, ...data]) > 0,
      frame: (to, bytes, taken) => frames.push({ to, frame: decodeRelayFrame(bytes), taken }) > 0,
    },
  })
  return { clock, tested, frames, messages }
}

test('a frame goes on under the name of the member that wrote it', () => {
  const { tested, frames } = forwarder()
  tested.frame(ann, frameFor(ben))
  expect(frames).toMatchObject([
    { to: ben, frame: { kind: dataFrame, peer: ann, isDelivery: true } },
  ])
  expect(tested.cost).toMatchObject({ frames: 1, refused: 0 })
  expect(tested.load).toBe(1)
})

test.each([
  ['to a member without a direct link', ann, frameFor(cat)],
  ['from a member without a direct link', cat, frameFor(ben)],
  ['to the one that it came from', ann, frameFor(ann)],
  ['larger than any that is honest', ann, frameFor(ben, limits.frameBytes + 18)],
])('a frame %s is refused, and its sender told', (_name, from, frame) => {
  const { tested, frames } = forwarder()
  tested.frame(from, frame)
  expect(frames).toMatchObject([{ to: from, frame: { kind: blockedFrame, peer: frame.peer } }])
  expect(tested.cost).toMatchObject({ frames: 0, bytes: 0, refused: 1 })
})

test('a frame that only the member itself may write is dropped without an answer', () => {
  const { tested, frames } = forwarder()
  tested.frame(ann, frameFor(ben, 1, blockedFrame))
  expect(frames).toEqual([])
})

test('with canRelay: false every frame is refused, and there is no load', () => {
  const { tested, frames } = forwarder({ canRelay: false })
  tested.frame(ann, frameFor(ben, 0, closeFrame))
  expect(frames).toMatchObject([{ to: ann, frame: { kind: blockedFrame } }])
  expect(tested.load).toBeNull()
})

test('no more than 1 MiB of one pair waits, and what has left makes room', () => {
  const { tested, frames } = forwarder()
  const bytes = 50_000
  const fit = Math.floor(limits.maxWaitingBytes / (bytes + 32))
  for (let sent = 0; sent < fit + 5; sent += 1) tested.frame(ann, frameFor(ben, bytes))
  const waiting = frames.filter(({ to }) => to === ben)
  expect(waiting.length).toBeLessThanOrEqual(fit + 1)
  expect(waiting.length * bytes).toBeLessThanOrEqual(limits.maxWaitingBytes)
  // The other direction is another pair.
  tested.frame(ben, frameFor(ann, bytes))
  expect(frames.at(-1)).toMatchObject({ to: ann, frame: { kind: dataFrame } })
  waiting[0]?.taken()
  waiting[1]?.taken()
  tested.frame(ann, frameFor(ben, bytes))
  expect(frames.at(-1)).toMatchObject({ to: ben, frame: { kind: dataFrame } })
})

test('pairs are limited, and those that were silent for a while make room', async () => {
  const members = Array.from({ length: limits.maxPairs + 1 }, (_, index) => peerId(`m${index}`))
  const { tested, frames, clock } = forwarder({ reached: [...members, ann] })
  for (const member of members) tested.frame(member, frameFor(ann))
  expect(frames.at(-1)).toMatchObject({ to: members.at(-1), frame: { kind: blockedFrame } })
  for (const { taken } of frames) taken()
  await clock.advance(limits.activePairMs + 1)
  tested.frame(members.at(-1) ?? ann, frameFor(ann))
  expect(frames.at(-1)).toMatchObject({ to: ann, frame: { kind: dataFrame } })
})

test('signals of one member are limited by rate and size, whatever another one sends', async () => {
  const { tested, messages, clock } = forwarder({ reached: [ann, ben, cat] })
  for (let sent = 0; sent < 2 * limits.signalsBurst; sent += 1) tested.signal(ann, ben, 'x')
  expect(messages).toHaveLength(limits.signalsBurst)
  tested.signal(cat, ben, 'x')
  expect(messages.at(-1)).toEqual([ben, 'signal', cat, 'x'])
  await clock.advance(1_000)
  tested.signal(ann, ben, 'x'.repeat(limits.maxSignalLength + 1))
  tested.signal(ann, ann, 'x')
  expect(messages).toHaveLength(limits.signalsBurst + 1)
  tested.signal(ann, ben, 'y')
  expect(messages).toHaveLength(limits.signalsBurst + 2)
})
