import { type FrameChannel, mainLabel } from '../link/link.ts'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import type { Incoming } from './frame-receiver.ts'
import type { Message } from './outgoing.ts'
import { encodePayload } from './payload.ts'
import { PeerTransport } from './peer-transport.ts'

/** One of two connected transports under test. */
export interface TransportEnd {
  readonly transport: PeerTransport
  readonly received: Incoming[]
  readonly violations: string[]
  /** The memory that messages take which have arrived, in part or as a whole. */
  held: number
}

type InFlight = { readonly to: TransportEnd; readonly frame: Uint8Array<ArrayBuffer> }[]

export interface TransportPair {
  readonly a: TransportEnd
  readonly b: TransportEnd
  readonly clock: VirtualClock
  /** Frames that were sent and not delivered; a test delivers or loses them. */
  readonly inFlight: InFlight
  readonly connect: (maxMessageSize?: number) => void
  readonly interrupt: () => void
  /** Whether the platform refuses frames, as with a full queue. */
  readonly refuse: (isRefusing: boolean) => void
  /** Delivers frames, and those sent in response, until none are left. */
  readonly settle: () => Promise<void>
  /** Delivers the next frame. */
  readonly step: () => Promise<void>
}

export interface PairOptions {
  readonly maxMessageBytes?: number
  /** Whether received messages are read at once; otherwise the test reads them. Default: `true`. */
  readonly autoRead?: boolean
}

export const transportPair = (random: () => number, options: PairOptions = {}): TransportPair => {
  const inFlight: InFlight = []
  const clock = virtualClock()
  const a = createEnd(clock, random, options)
  const b = createEnd(clock, random, options)
  let connection = { isOpen: false, isRefusing: false }
  const frameChannels: FrameChannel[] = []
  const step = async () => {
    const next = inFlight.shift()
    next?.to.transport.frame(mainLabel, next.frame)
    for (const each of frameChannels) each.ondrain?.()
    await nextTurn()
  }
  return {
    a,
    b,
    clock,
    inFlight,
    connect: (maxMessageSize = 262_144) => {
      connection = { isOpen: true, isRefusing: false }
      const [toB, toA] = [b, a].map((to) =>
        createFrameChannel({ inFlight, connection, to, maxMessageSize }),
      )
      frameChannels.splice(0)
      for (const each of [toB, toA]) if (each) frameChannels.push(each)
      if (toB) a.transport.opened(toB)
      if (toA) b.transport.opened(toA)
    },
    refuse: (isRefusing) => {
      connection.isRefusing = isRefusing
    },
    interrupt: () => {
      connection.isOpen = false
      inFlight.length = 0
      a.transport.interrupted()
      b.transport.interrupted()
    },
    step,
    settle: async () => {
      await nextTurn()
      while (inFlight.length > 0) await step()
      // Acknowledgements may be delayed.
      await clock.advance(1_000)
      while (inFlight.length > 0) await step()
    },
  }
}

const createEnd = (
  clock: VirtualClock,
  random: () => number,
  { maxMessageBytes = 1_000_000, autoRead = true }: PairOptions,
): TransportEnd => {
  const received: Incoming[] = []
  const violations: string[] = []
  const transport = new PeerTransport({
    maxMessageBytes,
    clock,
    random,
    unreliable: () => null,
    message: (message) => {
      received.push(message)
      if (autoRead) message.read()
    },
    gap: () => {},
    held: (bytes) => {
      end.held += bytes
    },
    violated: (reason) => violations.push(reason),
  })
  const end: TransportEnd = { transport, received, violations, held: 0 }
  return end
}

interface FrameChannelSetup {
  readonly inFlight: InFlight
  readonly connection: { readonly isOpen: boolean; readonly isRefusing: boolean }
  readonly to: TransportEnd
  readonly maxMessageSize: number
}

const createFrameChannel = ({
  inFlight,
  connection,
  to,
  maxMessageSize,
}: FrameChannelSetup): FrameChannel => ({
  label: mainLabel,
  get isOpen() {
    return connection.isOpen
  },
  get bufferedAmount() {
    return inFlight.filter((each) => each.to === to).length * 64 * 1024
  },
  maxMessageSize,
  send: (frame) => {
    if (!connection.isOpen) throw new Error('not open')
    if (connection.isRefusing) throw new Error('queue is full')
    if (frame.length > maxMessageSize) throw new Error('frame too large')
    // The platform copies the frame too.
    inFlight.push({ to, frame: frame.slice() })
  },
  ondrain: null,
})

/** Ends the turn, so that transports flush and Blobs are read. */
const nextTurn = () => new Promise<void>((resolve) => setTimeout(resolve))

export const messageOf = (data: unknown, options: Partial<Message> = {}): Message => ({
  ...encodePayload(data),
  label: 'x',
  weight: 2,
  hostTerm: { epoch: 1, term: 1 },
  isForHost: false,
  isForAll: false,
  keepsLatest: false,
  frameChannel: null,
  ...options,
})
