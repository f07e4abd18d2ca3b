import type { JoinOptions, Room, RoomEvents } from '../api.ts'
import { nodeSubtle } from '../mesh/node-subtle.testing.ts'
import { FakeNetwork } from '../testing/fake-network.ts'
import { type FakeSignaling, fakeSignaling } from '../testing/fake-signaling.ts'
import { seededRandom } from '../testing/seeds.ts'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import { type JoinPorts, join } from './join.ts'
import * as features from './lazy-features.ts'
import * as log from './log.ts'
import { type SeatOptions, takeSeat } from './rejoin.ts'
import * as room from './room.ts'

/** What a page has of its own. */
export type Tab = Pick<SeatOptions, 'storage' | 'locks'> & Partial<Pick<JoinPorts, 'loadRoom'>>

/** Named machines, a network and a signaling server, all of them fake. */
export interface FakeWorld {
  readonly clock: VirtualClock
  readonly network: FakeNetwork
  readonly signaling: FakeSignaling
  /** Starts joining from that machine. */
  readonly begin: (machine: string, options?: Partial<JoinOptions>, tab?: Tab) => Promise<Room>
  /** Joins from these machines, one after the other, and waits until all links are open. */
  readonly gather: (machines: readonly string[], options?: Partial<JoinOptions>) => Promise<Room[]>
}

export const fakeWorld = (seed = 1, loadLazyFeatures = preloaded): FakeWorld => {
  const clock = virtualClock()
  const random = seededRandom(seed)
  const network = new FakeNetwork({ clock, random })
  const signaling = fakeSignaling({ clock, random })
  const begin: FakeWorld['begin'] = (machine, options, tab = {}) =>
    join(
      {
        url: 'ws://fake.test/ws',
        room: 'blue-door',
        RTCPeerConnection: network.port(machine),
        WebSocket: signaling.port(machine),
        ...options,
      },
      {
        clock,
        random,
        loadRoom: tab.loadRoom ?? (async () => room),
        loadLazyFeatures,
        loadRejoin: async () => ({ takeSeat: (seat) => takeSeat({ ...seat, ...tab }) }),
        loadLog: async () => log,
        knock: async () => signaling.isReachable(machine),
        sendBeacon: signaling.sendBeacon,
      },
    )
  return {
    clock,
    network,
    signaling,
    begin,
    gather: async (machines, options) => {
      const rooms: Room[] = []
      for (const machine of machines) {
        const joining = begin(machine, options).then((room) => rooms.push(room))
        await clock.until(() => rooms.length > machines.indexOf(machine))
        await joining
      }
      await clock.until(() => rooms.every((room) => isMeshed(room, machines.length - 1)))
      return rooms
    },
  }
}

/** Loaded already: a module loader does not follow the virtual clock. */
const preloaded = () => Promise.resolve({ LazyFeatures: WithSubtle })

/** WebCrypto's threads do not follow the virtual clock either. */
class WithSubtle extends features.LazyFeatures {
  constructor(options: features.LazyFeaturesOptions) {
    super(options, nodeSubtle())
  }
}

const isMeshed = ({ peers }: Room, size: number): boolean =>
  peers.size === size && [...peers.values()].every(({ link }) => link?.state === 'open')

/** Records the names of the room's events from now on. */
export const record = (room: Room): (keyof RoomEvents)[] => {
  const recorded: (keyof RoomEvents)[] = []
  for (const name of names) room.on(name, () => recorded.push(name))
  // A new round trip time alone is not recorded.
  room.on('linkchange', ({ link, previous }) => {
    if (link?.state !== previous?.state) recorded.push('linkchange')
  })
  return recorded
}

const names: readonly (keyof RoomEvents)[] = [
  'peerjoin',
  'peerleave',
  'peerupdate',
  'hostchange',
  'statuschange',
  'error',
]
