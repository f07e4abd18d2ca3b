import { expect, test } from 'vitest'
import { type FrameChannel, mainLabel } from '../link/link.ts'
import { seededRandom } from '../testing/seeds.ts'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import { PeerTransport } from './peer-transport.ts'
import { messageOf } from './peer-transport-pair.testing.ts'

/** Accepts frames at a fixed rate and delivers them half a round trip later. */
interface Path {
  readonly bytesPerMs: number
  readonly tripMs: number
}

const lowWaterBytes = 64 * 1024

const frameChannelTo = (
  to: () => PeerTransport,
  { bytesPerMs, tripMs }: Path,
  clock: VirtualClock,
): FrameChannel => {
  let freeAt = 0
  const channel = {
    label: mainLabel,
    isOpen: true,
    bufferedAmount: 0,
    maxMessageSize: 262_144,
    ondrain: null as FrameChannel['ondrain'],
    send: (frame: Uint8Array<ArrayBuffer>) => {
      const copy = frame.slice()
      freeAt = Math.max(freeAt, clock.now()) + copy.length / bytesPerMs
      channel.bufferedAmount += copy.length
      clock.after(freeAt - clock.now(), () => {
        channel.bufferedAmount -= copy.length
        if (channel.bufferedAmount <= lowWaterBytes) channel.ondrain?.()
      })
      clock.after(freeAt + tripMs / 2 - clock.now(), () => to().frame(mainLabel, copy))
    },
  }
  return channel
}

/** Two transports over a path; received bytes are counted and read at once. */
const connectOver = (path: Path) => {
  const clock = virtualClock()
  const random = seededRandom(1)
  const received = { bytes: 0, smallAt: 0 }
  const end = () =>
    new PeerTransport({
      maxMessageBytes: 2 ** 20,
      clock,
      random,
      unreliable: () => null,
      message: ({ bytes, label, read }) => {
        received.bytes += bytes
        if (label === 'small') received.smallAt = clock.now()
        read()
      },
      gap: () => {},
      held: () => {},
      violated: (reason) => expect.fail(reason),
    })
  const [a, b] = [end(), end()]
  a.opened(frameChannelTo(() => b, path, clock))
  b.opened(frameChannelTo(() => a, path, clock))
  return { a, clock, received }
}

/** Sends without end: the next message as soon as the last one is accepted. */
const sendEndlessly = (transport: PeerTransport) => {
  const bytes = new Uint8Array(256 * 1024)
  const next = () => {
    const item = transport.send(messageOf(bytes), false)
    if (item.isAccepted) queueMicrotask(next)
    else item.onchange = () => queueMicrotask(next)
  }
  next()
}

for (const [what, path] of [
  ['a path of 40 ms', { bytesPerMs: 10_000, tripMs: 40 }],
  ['a fast path of 80 ms', { bytesPerMs: 20_000, tripMs: 80 }],
  ['a slow path', { bytesPerMs: 200, tripMs: 40 }],
  ['a short path', { bytesPerMs: 20_000, tripMs: 1 }],
] as const) {
  test(`messages of 256 KiB fill ${what}, and a small message is not delayed`, async () => {
    const { a, clock, received } = connectOver(path)
    sendEndlessly(a)
    await clock.advance(30 * path.tripMs + 2_000)
    const before = received.bytes
    await clock.advance(4_000)
    expect((received.bytes - before) / 4_000).toBeGreaterThan(0.95 * path.bytesPerMs)
    const sentAt = clock.now()
    a.send(messageOf('quick', { label: 'small' }), false)
    await clock.until(() => received.smallAt > 0)
    // Half a round trip plus one window of data in flight.
    const windowMs = Math.max((320 * 1024) / path.bytesPerMs, path.tripMs)
    expect(received.smallAt - sentAt).toBeLessThan(path.tripMs / 2 + windowMs)
  })
}
