import type { JoinOptions, LinkStatus, Room } from '../api.ts'
import type { FakeWorld } from '../room/fake-world.testing.ts'

/** Joins one after the other, without waiting for links. */
export const joinAll = async (
  { clock, begin }: FakeWorld,
  machines: readonly string[],
  options: Readonly<Record<string, Partial<JoinOptions>>> = {},
): Promise<readonly Room[]> => {
  const rooms: Room[] = []
  for (const machine of machines) {
    const joining = begin(machine, options[machine]).then((room) => rooms.push(room))
    await clock.until(() => rooms.length > machines.indexOf(machine))
    await joining
  }
  await clock.until(() => rooms.every(({ peers }) => peers.size === machines.length - 1))
  return rooms
}

export const linkBetween = (room: Room, other: Room): LinkStatus | null =>
  room.peers.get(other.self.id)?.link ?? null

/** Both ends say that it is open, and how it goes. */
export const isOpen = (room: Room, other: Room, path: LinkStatus['path']): boolean =>
  [linkBetween(room, other), linkBetween(other, room)].every(
    (link) => link?.state === 'open' && (path === null || link.path === path),
  )

export interface Talk {
  /** The numbers that have arrived, in their order. */
  readonly received: readonly number[]
  /** The numbers whose `send` has resolved. */
  readonly accepted: readonly number[]
  /** Sends no more; returns how many were sent. */
  readonly stop: () => number
}

/** Sends a number every 50 ms, from now on. */
export const talk = ({ clock }: FakeWorld, from: Room, to: Room): Talk => {
  const received: number[] = []
  const accepted: number[] = []
  let next = 0
  let isStopped = false
  const label = `talk ${from.self.id}`
  to.channel<number>(label).on('message', ({ data }) => void received.push(data))
  const say = () => {
    if (isStopped) return
    const number = next++
    const sending = from.channel<number>(label).send(number, { to: to.self.id })
    // A link that has failed rejects.
    sending.then(
      () => accepted.push(number),
      () => {},
    )
    clock.after(50, say)
  }
  say()
  return {
    received,
    accepted,
    stop: () => {
      isStopped = true
      return next
    },
  }
}

/** 0, 1, 2, …: what arrives if nothing is lost, doubled or out of order. */
export const upTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, number) => number)
