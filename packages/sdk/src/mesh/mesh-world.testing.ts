import type { JoinOptions, LinkStatus, Room } from '../api.ts'
import { type FakeWorld, fakeWorld } from '../room/fake-world.testing.ts'

/** A fake world whose members join without waiting for links. */
export interface MeshWorld extends FakeWorld {
  readonly joinAll: (
    machines: readonly string[],
    options?: Readonly<Record<string, Partial<JoinOptions>>>,
  ) => Promise<readonly Room[]>
}

export const meshWorld = (seed = 1): MeshWorld => {
  const world = fakeWorld(seed)
  const { clock, begin } = world
  return {
    ...world,
    joinAll: async (machines, options = {}) => {
      const rooms: Room[] = []
      for (const machine of machines) {
        const joining = begin(machine, options[machine]).then((room) => rooms.push(room))
        await clock.until(() => rooms.length > machines.indexOf(machine))
        await joining
      }
      await clock.until(() => rooms.every(({ peers }) => peers.size === machines.length - 1))
      return rooms
    },
  }
}

export const linkBetween = (room: Room, other: Room): LinkStatus | null =>
  room.peers.get(other.self.id)?.link ?? null

/** Both ends say that it is open, and how it goes. */
export const isOpen = (room: Room, other: Room, path: LinkStatus['path']): boolean =>
  [linkBetween(room, other), linkBetween(other, room)].every(
    (link) => link?.state === 'open' && (path === null || link.path === path),
  )

/** Sends a number every 50 ms, from now on; `received` are those that have arrived. */
export const talk = (
  { clock }: FakeWorld,
  from: Room,
  to: Room,
): { readonly received: readonly number[]; readonly stop: () => number } => {
  const received: number[] = []
  let next = 0
  let isStopped = false
  const label = `talk ${from.self.id}`
  to.channel<number>(label).on('message', ({ data }) => void received.push(data))
  const say = () => {
    if (isStopped) return
    void from
      .channel<number>(label)
      .send(next++, { to: to.self.id })
      .catch(() => {})
    clock.after(50, say)
  }
  say()
  return {
    received,
    stop: () => {
      isStopped = true
      return next
    },
  }
}

/** 0, 1, 2, …: what arrives if nothing is lost, doubled or out of order. */
export const upTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, number) => number)
