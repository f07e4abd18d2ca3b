import { inject } from 'vitest'
import type { JoinOptions, Room, RoomEvents } from '../api.ts'
import { joinRoom } from '../index.ts'

const open: Room[] = []
let count = 0

/** A room name that no other test uses. */
export const freshRoom = (): string => {
  count += 1
  return `room-${count}-${crypto.randomUUID()}`
}

/** Joins a room on the real server; `leaveAll` leaves it. */
export const enter = async (room: string, options: Partial<JoinOptions> = {}): Promise<Room> => {
  const joined = await joinRoom({ url: inject('signaling'), room, ...options })
  open.push(joined)
  return joined
}

export const leaveAll = async (): Promise<void> => {
  await Promise.all(open.splice(0).map((room) => room.leave()))
}

/** Joins several peers to a new room, in order, and waits until all see each other. */
export const enterTogether = async (
  size: number,
  options: Partial<JoinOptions> = {},
): Promise<Room[]> => {
  const name = freshRoom()
  const rooms: Room[] = []
  for (let index = 0; index < size; index += 1) rooms.push(await enter(name, options))
  await Promise.all(rooms.map((room) => until(room, () => room.peers.size === size - 1)))
  return rooms
}

/** Checks the condition at every event of the room; resolves when it holds. */
export const until = (room: Room, condition: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const check = () => {
      if (!condition()) return
      for (const unsubscribe of unsubscribes) unsubscribe()
      resolve()
    }
    const unsubscribes = roomEvents.map((name) => room.on(name, check))
    check()
  })

const roomEvents: readonly (keyof RoomEvents)[] = [
  'peerjoin',
  'peerleave',
  'peerupdate',
  'linkchange',
  'hostchange',
  'statuschange',
]

export const allOpen = (room: Room): boolean =>
  [...room.peers.values()].every(({ link }) => link?.state === 'open')
