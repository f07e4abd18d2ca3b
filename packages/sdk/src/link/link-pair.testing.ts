import type { SignalData } from '@skein/protocol'
import type { LinkStatus } from '../api.ts'
import { FakeNetwork } from '../testing/fake-network.ts'
import { seededRandom } from '../testing/seeds.ts'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import type { FrameChannel, PeerLink } from './link.ts'
import { createPeerLink } from './peer-link.ts'
import { readPath } from './stats.ts'

/** One end of a link under test, with everything that its observer received. */
export interface TestEnd {
  readonly link: PeerLink
  readonly isOpen: boolean
  readonly main: FrameChannel | null
  readonly frames: (readonly [label: string, bytes: readonly number[]])[]
  readonly states: LinkStatus['state'][]
  /** Signals that it sent, including lost ones. */
  readonly signals: SignalData[]
  /** `opened` and `interrupted`, in order. */
  readonly events: string[]
}

export interface LinkPair {
  readonly a: TestEnd
  /** Joined later, so it is polite. */
  readonly b: TestEnd
  readonly clock: VirtualClock
  readonly network: FakeNetwork
  readonly random: () => number
  /** Signaling delivers in order in each direction. */
  readonly signaling: { isUp: boolean; delayMs: number }
}

interface PairOptions {
  readonly seed: number
  readonly maxDelayMs?: number
  readonly explicit?: readonly ('a' | 'b')[]
}

export const linkPair = ({ seed, maxDelayMs = 20, explicit = [] }: PairOptions): LinkPair => {
  const clock = virtualClock()
  const random = seededRandom(seed)
  const network = new FakeNetwork({ clock, random, maxDelayMs })
  const signaling = { isUp: true, delayMs: maxDelayMs * 2 }
  const post = (to: () => PeerLink) => {
    let last = 0
    return (data: SignalData) => {
      if (!signaling.isUp) return
      // As on the wire: JSON only, and in order.
      const text = JSON.stringify(data)
      last = Math.max(last, clock.now() + random() * signaling.delayMs)
      clock.after(last - clock.now(), () => to().receive(JSON.parse(text)))
    }
  }
  const end = (name: 'a' | 'b', other: () => PeerLink) =>
    createEnd({
      name,
      clock,
      random,
      send: post(other),
      isReachable: () => signaling.isUp,
      RTCPeerConnection: network.port(name, { needsExplicitSdp: explicit.includes(name) }),
    })
  const a: TestEnd = end('a', () => b.link)
  const b: TestEnd = end('b', () => a.link)
  return { a, b, clock, network, random, signaling }
}

interface EndOptions {
  readonly name: 'a' | 'b'
  readonly clock: VirtualClock
  readonly random: () => number
  readonly send: (data: SignalData) => void
  readonly isReachable: () => boolean
  readonly RTCPeerConnection: typeof RTCPeerConnection
}

const createEnd = ({ name, send, isReachable, ...ports }: EndOptions): TestEnd => {
  let main: FrameChannel | null = null
  const frames: TestEnd['frames'] = []
  const states: LinkStatus['state'][] = []
  const signals: SignalData[] = []
  const events: string[] = []
  const link = createPeerLink({
    ...ports,
    isPolite: name === 'b',
    rtc: {},
    iceServers: [],
    readPath,
    server: { check: () => {}, renew: () => {} },
    mayCall: () => isReachable(),
    observer: {
      attemptEnded: () => {},
      signal: (data) => {
        signals.push(data)
        send(data)
      },
      statusChanged: ({ state }, previous) => {
        if (state !== previous.state) states.push(state)
      },
      opened: (frameChannel) => {
        main = frameChannel
        events.push('opened')
      },
      interrupted: () => {
        main = null
        events.push('interrupted')
      },
      frame: (label, frame) => frames.push([label, [...frame]]),
    },
  })
  return {
    link,
    get main() {
      return main
    },
    get isOpen() {
      return main !== null && link.status.state === 'open'
    },
    frames,
    states,
    signals,
    events,
  }
}
