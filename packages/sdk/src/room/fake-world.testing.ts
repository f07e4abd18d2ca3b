import type { JoinOptions, Room, RoomEvents } from '../api.ts'
import { FakeNetwork } from '../testing/fake-network.ts'
import { type FakeSignaling, fakeSignaling } from '../testing/fake-signaling.ts'
import { seededRandom } from '../testing/seeds.ts'
import { type VirtualClock, virtualClock } from '../testing/virtual-clock.ts'
import { join } from './join.ts'
import * as features from './lazy-features.ts'

/** Machines with names, a network and a signaling server, without any of them being real. */
export interface FakeWorld {
  readonly clock: VirtualClock
  readonly network: FakeNetwork
  readonly signaling: FakeSignaling
  /** Begins to join from that machine. */
  readonly begin: (machine: string, options?: Partial<JoinOptions>) => Promise<Room>
  /** Joins from those machines, one after the other, and waits for their links. */
  readonly gather: (machines: readonly string[], options?: Partial<JoinOptions>) => Promise<Room[]>
}

export const fakeWorld = (seed = 1, loadLazyFeatures = preloaded): FakeWorld => {
  const clock = virtualClock()
  const random = seededRandom(seed)
  const network = new FakeNetwork({ clock, random })
  const signaling = fakeSignaling({ clock, random })
  const begin: FakeWorld['begin'] = (machine, options) =>
    join(
      {
        url: 'ws://fake.test/ws',
        room: 'blue-door',
        RTCPeerConnection: network.port(machine),
        WebSocket: signaling.port(machine),
        ...options,
      },
      { clock, random, loadLazyFeatures },
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

/** Waits for no loader: it would not know the virtual time. */
const preloaded = () => Promise.resolve(features)

const isMeshed = ({ peers }: Room, size: number): boolean =>
  peers.size === size && [...peers.values()].every(({ link }) => link?.state === 'open')

/** What the room tells from now on, in order. */
export const record = (room: Room): (keyof RoomEvents)[] => {
  const heard: (keyof RoomEvents)[] = []
  for (const name of names) room.on(name, () => heard.push(name))
  // Measured anew, its round trip is no news here.
  room.on('linkchange', ({ link, previous }) => {
    if (link?.state !== previous?.state) heard.push('linkchange')
  })
  return heard
}

const names: readonly (keyof RoomEvents)[] = [
  'peerjoin',
  'peerleave',
  'peerupdate',
  'hostchange',
  'statuschange',
  'error',
]
