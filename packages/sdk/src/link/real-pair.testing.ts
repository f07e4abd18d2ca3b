import type { SignalData } from '@skein/protocol'
import { systemClock } from '../time/clock.ts'
import type { FrameChannel, LinkOptions, PeerLink } from './link.ts'
import { createPeerLink } from './peer-link.ts'
import { readPath } from './stats.ts'

/** One end of a pair of links over real connections. */
export interface RealEnd {
  readonly link: PeerLink
  /** The main frame channel of the open connection. */
  main: FrameChannel | null
  readonly frames: { readonly label: string; readonly text: string }[]
  /** How often `opened` was called. */
  opened: number
  /** Every RTCPeerConnection that it created, in order. */
  readonly connections: RTCPeerConnection[]
  readonly signals: SignalData[]
}

export interface RealPair {
  readonly a: RealEnd
  /** Joined later, so it is polite. */
  readonly b: RealEnd
  /** While `isUp` is `false`, signals are lost. */
  readonly signaling: { isUp: boolean }
  /** Resolves as soon as the condition holds. */
  readonly until: (condition: () => boolean) => Promise<void>
  readonly close: () => void
}

export interface RealPairOptions {
  readonly random: () => number
  /** How late a signal may arrive. */
  readonly maxDelayMs?: number
  readonly ports: { readonly [Name in 'a' | 'b']: typeof RTCPeerConnection }
  /**
   * Holds the candidates of the offering side until it has the answer. Otherwise the other side may
   * begin the DTLS handshake earlier, and node-datachannel (0.33.4) then closes both connections at
   * once; a link replaces them.
   */
  readonly isAnswerFirst?: boolean
}

/** How often a condition is looked at without an event. */
const pollMs = 50

export const realPair = (options: RealPairOptions): RealPair => {
  const { random, maxDelayMs = 0, ports, isAnswerFirst = false } = options
  const waiting = new Set<() => void>()
  const signaling = { isUp: true }
  const changed = () => {
    for (const check of waiting) check()
  }
  /** Delivers in order, each message after a random delay. */
  const later = (deliver: (text: string) => void) => {
    let tail = Promise.resolve()
    return (text: string) => {
      const arrival = new Promise<void>((resolve) => {
        systemClock.after(random() * maxDelayMs, resolve)
      })
      tail = tail.then(() => arrival).then(() => deliver(text))
    }
  }
  const post = (to: () => PeerLink) => {
    const send = later((text) => to().receive(JSON.parse(text)))
    return (data: SignalData) => {
      if (signaling.isUp) send(JSON.stringify(data))
    }
  }
  const isAnswered = () => b.connections.at(-1)?.signalingState === 'stable'
  const postToA = post(() => a.link)
  const sendFromB = (data: SignalData) => {
    const isEarly = isAnswerFirst && data.type === 'candidate' && !isAnswered()
    if (isEarly) void until(isAnswered).then(() => postToA(data))
    else postToA(data)
  }
  const until: RealPair['until'] = (condition) =>
    new Promise((resolve) => {
      const check = () => {
        if (!condition()) return
        waiting.delete(check)
        resolve()
      }
      // No event tells that a link has dropped an attempt.
      const poll = () => {
        check()
        if (waiting.has(check)) systemClock.after(pollMs, poll)
      }
      waiting.add(check)
      poll()
    })
  const ends = { random, changed, later, isSlow: maxDelayMs > 0 }
  const a: RealEnd = realEnd({ ...ends, Base: ports.a, isPolite: false, send: post(() => b.link) })
  const b: RealEnd = realEnd({ ...ends, Base: ports.b, isPolite: true, send: sendFromB })
  return {
    a,
    b,
    signaling,
    until,
    close: () => {
      a.link.close()
      b.link.close()
    },
  }
}

interface EndOptions {
  readonly Base: typeof RTCPeerConnection
  readonly isPolite: boolean
  readonly random: () => number
  readonly send: (data: SignalData) => void
  readonly changed: () => void
  readonly later: (deliver: (text: string) => void) => (text: string) => void
  readonly isSlow: boolean
}

const realEnd = ({ Base, isPolite, random, send, changed, later, isSlow }: EndOptions): RealEnd => {
  const connections: RTCPeerConnection[] = []
  const Recorded = class extends Base {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      connections.push(this)
      this.addEventListener('signalingstatechange', changed)
      this.addEventListener('connectionstatechange', changed)
      this.addEventListener('icegatheringstatechange', changed)
    }

    /** Control messages are as late as signals. */
    override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
      const channel = super.createDataChannel(label, init)
      const send = channel.send.bind(channel)
      if (label === 'skein-control' && isSlow) {
        const slow = later((data) => channel.readyState === 'open' && send(data))
        Object.defineProperty(channel, 'send', { value: slow })
      }
      return channel
    }
  }
  const options: LinkOptions = {
    isPolite,
    rtc: {},
    iceServers: [],
    readPath,
    RTCPeerConnection: Recorded,
    clock: systemClock,
    random,
    server: { check: () => {}, renew: () => {} },
    mayCall: () => true,
    observer: {
      attemptEnded: () => {},
      signal: (data) => {
        end.signals.push(data)
        send(data)
      },
      statusChanged: changed,
      opened: (main) => {
        end.main = main
        end.opened += 1
        changed()
      },
      interrupted: () => {
        end.main = null
        changed()
      },
      frame: (label, frame) => {
        end.frames.push({ label, text: new TextDecoder().decode(frame) })
        changed()
      },
    },
  }
  const end: RealEnd = {
    link: createPeerLink(options),
    main: null,
    frames: [],
    opened: 0,
    connections,
    signals: [],
  }
  return end
}

/** Both use the same connection, and no other is left: what is sent now is sent on no other. */
export const settled = ({ a, b, until }: RealPair): Promise<void> =>
  until(() => [a, b].every(({ link, main }) => main?.isOpen === true && link.attempts === 0))

/** Closes the connection in use, and waits until both sides use another one. */
export const replaceConnection = async (pair: RealPair, name: 'a' | 'b'): Promise<void> => {
  const { a, b, until } = pair
  const before = [a.opened, b.opened] as const
  pair[name].link.chosen?.pc?.close()
  await until(() => a.opened > before[0] && b.opened > before[1])
  await settled(pair)
}

/** Sends a message in each direction on the main frame channels. */
export const talk = async (pair: RealPair, text: string): Promise<void> => {
  const { a, b, until } = pair
  const bytes = new TextEncoder().encode(text)
  const has = (end: RealEnd) => end.frames.some((frame) => frame.text === text)
  await settled(pair)
  a.main?.send(bytes)
  b.main?.send(bytes)
  await until(() => has(a) && has(b))
}
