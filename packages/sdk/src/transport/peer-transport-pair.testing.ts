import { type FrameChannel, mainLabel } from '../link/link.ts'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import type { Incoming } from './frame-receiver.ts'
import type { Message } from './outgoing.ts'
import { encodePayload } from './payload.ts'
import { PeerTransport } from './peer-transport.ts'

/** One end of a wire under test. */
export interface PipeEnd {
  readonly transport: PeerTransport
  readonly heard: Incoming[]
  readonly wrongs: string[]
}

type Wire = { readonly to: PipeEnd; readonly frame: Uint8Array<ArrayBuffer> }[]

export interface PipePair {
  readonly a: PipeEnd
  readonly b: PipeEnd
  readonly clock: VirtualClock
  /** Frames under way; a test moves or loses them. */
  readonly wire: Wire
  readonly connect: (maxMessageSize?: number) => void
  readonly interrupt: () => void
  /** Lets frames arrive, and those that they call forth, until nothing moves. */
  readonly settle: () => Promise<void>
  /** Lets the next frame arrive. */
  readonly step: () => Promise<void>
}

export interface PairOptions {
  readonly maxMessageBytes?: number
  /** Whether what arrives is read at once. Else the test does so. */
  readonly isRead?: boolean
}

export const pipePair = (random: () => number, options: PairOptions = {}): PipePair => {
  const wire: Wire = []
  const clock = virtualClock()
  const a = createEnd(clock, random, options)
  const b = createEnd(clock, random, options)
  let connection = { isOpen: false }
  const carriers: FrameChannel[] = []
  const step = async () => {
    const next = wire.shift()
    next?.to.transport.frame(mainLabel, next.frame)
    for (const each of carriers) each.ondrain?.()
    await breathe()
  }
  return {
    a,
    b,
    clock,
    wire,
    connect: (maxMessageSize = 262_144) => {
      connection = { isOpen: true }
      const [toB, toA] = [b, a].map((to) => carrier({ wire, connection, to, maxMessageSize }))
      carriers.splice(0)
      for (const each of [toB, toA]) if (each) carriers.push(each)
      if (toB) a.transport.opened(toB)
      if (toA) b.transport.opened(toA)
    },
    interrupt: () => {
      connection.isOpen = false
      wire.length = 0
      a.transport.interrupted()
      b.transport.interrupted()
    },
    step,
    settle: async () => {
      await breathe()
      while (wire.length > 0) await step()
      // What came is acknowledged a little later.
      await clock.advance(1_000)
      while (wire.length > 0) await step()
    },
  }
}

const createEnd = (
  clock: VirtualClock,
  random: () => number,
  { maxMessageBytes = 1_000_000, isRead = true }: PairOptions,
): PipeEnd => {
  const heard: Incoming[] = []
  const wrongs: string[] = []
  const transport = new PeerTransport({
    maxMessageBytes,
    clock,
    random,
    unreliable: () => null,
    message: (message) => {
      heard.push(message)
      if (isRead) message.read()
    },
    violated: (reason) => wrongs.push(reason),
  })
  return { transport, heard, wrongs }
}

interface Way {
  readonly wire: Wire
  readonly connection: { readonly isOpen: boolean }
  readonly to: PipeEnd
  readonly maxMessageSize: number
}

const carrier = ({ wire, connection, to, maxMessageSize }: Way): FrameChannel => ({
  label: mainLabel,
  get isOpen() {
    return connection.isOpen
  },
  get bufferedAmount() {
    return wire.filter((each) => each.to === to).length * 64 * 1024
  },
  maxMessageSize,
  send: (frame) => {
    if (!connection.isOpen) throw new Error('not open')
    if (frame.length > maxMessageSize) throw new Error('too large a frame')
    // A copy, as the platform makes one.
    wire.push({ to, frame: frame.slice() })
  },
  ondrain: null,
})

/** Lets what was put off to the end of the turn happen, and Blobs be read. */
const breathe = () => new Promise<void>((resolve) => setTimeout(resolve))

export const messageOf = (data: unknown, about: Partial<Message> = {}): Message => ({
  ...encodePayload(data),
  label: 'x',
  weight: 2,
  hostTerm: { epoch: 1, term: 1 },
  isForHost: false,
  frameChannel: null,
  ...about,
})
