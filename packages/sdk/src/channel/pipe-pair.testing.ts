import { type Carrier, mainLabel } from '../link/link.ts'
import type { Incoming } from './inbox.ts'
import type { Message } from './outgoing.ts'
import { encodePayload } from './payload.ts'
import { Pipe } from './pipe.ts'

/** One end of a wire under test. */
export interface PipeEnd {
  readonly pipe: Pipe
  readonly heard: Incoming[]
  readonly wrongs: string[]
}

export interface PipePair {
  readonly a: PipeEnd
  readonly b: PipeEnd
  /** Frames under way; a test moves or loses them. */
  readonly wire: { readonly to: PipeEnd; readonly frame: Uint8Array<ArrayBuffer> }[]
  readonly connect: (maxMessageSize?: number) => void
  readonly interrupt: () => void
  /** Lets frames arrive, and those that they call forth, until nothing moves. */
  readonly settle: () => Promise<void>
  /** Lets the next frame arrive. */
  readonly step: () => Promise<void>
}

export const pipePair = (
  random: () => number,
  { maxMessageBytes = 1_000_000 }: { readonly maxMessageBytes?: number } = {},
): PipePair => {
  const wire: PipePair['wire'] = []
  const a = createEnd(random, maxMessageBytes)
  const b = createEnd(random, maxMessageBytes)
  let connection = { isOpen: false }
  const carrier = (to: PipeEnd, maxMessageSize: number): Carrier => {
    const own = connection
    return {
      label: mainLabel,
      get isOpen() {
        return own.isOpen
      },
      get bufferedAmount() {
        return wire.filter((each) => each.to === to).length * 64 * 1024
      },
      maxMessageSize,
      send: (frame) => {
        if (!own.isOpen) throw new Error('not open')
        if (frame.length > maxMessageSize) throw new Error('too large a frame')
        wire.push({ to, frame })
      },
      ondrain: null,
    }
  }
  const carriers: Carrier[] = []
  const step = async () => {
    const next = wire.shift()
    next?.to.pipe.frame(mainLabel, next.frame)
    for (const each of carriers) each.ondrain?.()
    await breathe()
  }
  return {
    a,
    b,
    wire,
    connect: (maxMessageSize = 262_144) => {
      connection = { isOpen: true }
      carriers.splice(0, 2, carrier(b, maxMessageSize), carrier(a, maxMessageSize))
      const [toB, toA] = carriers
      if (toB) a.pipe.opened(toB)
      if (toA) b.pipe.opened(toA)
    },
    interrupt: () => {
      connection.isOpen = false
      wire.length = 0
      a.pipe.interrupted()
      b.pipe.interrupted()
    },
    step,
    settle: async () => {
      await breathe()
      while (wire.length > 0) await step()
    },
  }
}

const createEnd = (random: () => number, maxMessageBytes: number): PipeEnd => {
  const heard: Incoming[] = []
  const wrongs: string[] = []
  const pipe = new Pipe({
    maxMessageBytes,
    random,
    carrier: () => null,
    message: (message) => heard.push(message),
    violated: (reason) => wrongs.push(reason),
  })
  return { pipe, heard, wrongs }
}

/** Lets what was put off to the end of the turn happen, and Blobs be read. */
const breathe = () => new Promise<void>((resolve) => setTimeout(resolve))

export const messageOf = (data: unknown, about: Partial<Message> = {}): Message => ({
  ...encodePayload(data),
  label: 'x',
  weight: 2,
  reign: { epoch: 1, term: 1 },
  isForHost: false,
  carrier: null,
  ...about,
})
