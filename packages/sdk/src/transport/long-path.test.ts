import { expect, test } from 'vitest'
import { type FrameChannel, mainLabel } from '../link/link.ts'
import { seededRandom } from '../testing/seeds.ts'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import { PeerTransport } from './peer-transport.ts'
import { messageOf } from './peer-transport-pair.testing.ts'

/** It takes what it is given at its rate, and hands it over half a trip later. */
interface Line {
  readonly bytesPerMs: number
  readonly tripMs: number
}

const drainedBytes = 64 * 1024

const carrierTo = (
  to: () => PeerTransport,
  { bytesPerMs, tripMs }: Line,
  clock: VirtualClock,
): FrameChannel => {
  let freeAt = 0
  const carrier = {
    label: mainLabel,
    isOpen: true,
    bufferedAmount: 0,
    maxMessageSize: 262_144,
    ondrain: null as FrameChannel['ondrain'],
    send: (frame: Uint8Array<ArrayBuffer>) => {
      const copy = frame.slice()
      freeAt = Math.max(freeAt, clock.now()) + copy.length / bytesPerMs
      carrier.bufferedAmount += copy.length
      clock.after(freeAt - clock.now(), () => {
        carrier.bufferedAmount -= copy.length
        if (carrier.bufferedAmount <= drainedBytes) carrier.ondrain?.()
      })
      clock.after(freeAt + tripMs / 2 - clock.now(), () => to().frame(mainLabel, copy))
    },
  }
  return carrier
}

/** Two transports over such a line; what arrives is counted, and read at once. */
const overLine = (line: Line) => {
  const clock = virtualClock()
  const random = seededRandom(1)
  const heard = { bytes: 0, smallAt: 0 }
  const end = () =>
    new PeerTransport({
      maxMessageBytes: 2 ** 20,
      clock,
      random,
      unreliable: () => null,
      message: ({ bytes, label, read }) => {
        heard.bytes += bytes
        if (label === 'small') heard.smallAt = clock.now()
        read()
      },
      violated: (reason) => expect.fail(reason),
    })
  const [a, b] = [end(), end()]
  a.opened(carrierTo(() => b, line, clock))
  b.opened(carrierTo(() => a, line, clock))
  return { a, clock, heard }
}

/** One message after the other, each when the one before was taken. */
const sendOnAndOn = (transport: PeerTransport) => {
  const bytes = new Uint8Array(256 * 1024)
  const next = () => {
    const item = transport.send(messageOf(bytes), false)
    if (item.isTaken) queueMicrotask(next)
    else item.onchange = () => queueMicrotask(next)
  }
  next()
}

for (const [what, line] of [
  ['a line of 40 ms', { bytesPerMs: 10_000, tripMs: 40 }],
  ['a fast line of 80 ms', { bytesPerMs: 20_000, tripMs: 80 }],
  ['a slow line', { bytesPerMs: 200, tripMs: 40 }],
  ['a short path', { bytesPerMs: 20_000, tripMs: 1 }],
] as const) {
  test(`${what} is filled by messages of 256 KiB, and a small one is not late`, async () => {
    const { a, clock, heard } = overLine(line)
    sendOnAndOn(a)
    await clock.advance(30 * line.tripMs + 2_000)
    const before = heard.bytes
    await clock.advance(4_000)
    expect((heard.bytes - before) / 4_000).toBeGreaterThan(0.95 * line.bytesPerMs)
    const sentAt = clock.now()
    a.send(messageOf('quick', { label: 'small' }), false)
    await clock.until(() => heard.smallAt > 0)
    // Half a trip, and what is on its way before it: a window.
    const windowMs = Math.max((320 * 1024) / line.bytesPerMs, line.tripMs)
    expect(heard.smallAt - sentAt).toBeLessThan(line.tripMs / 2 + windowMs)
  })
}
