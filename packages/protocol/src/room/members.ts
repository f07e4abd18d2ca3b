import type { ConnectionId, PeerId } from '../ids.ts'
import type { Member } from '../messages.ts'
import type { Room, RoomMember, Self } from './room.ts'

/** The member of that id; `null` when there is none. */
export const findMember = (room: Room, id: PeerId): RoomMember | null => {
  for (const member of room.members) if (member.id === id) return member
  return null
}

/** The member of that id if it holds that connection: input of an older connection is stale. */
export const findAttached = (
  room: Room,
  { id, connection }: { readonly id: PeerId; readonly connection: ConnectionId },
): RoomMember | null => {
  const member = findMember(room, id)
  return member?.connection === connection ? member : null
}

/** The member that holds that connection; `null` when it is stale or waits. */
export const findByConnection = (room: Room, connection: ConnectionId): RoomMember | null =>
  room.members.find((member) => member.connection === connection) ?? null

/** Puts a member in its place by join order, in place of an older version of itself. */
export const withMember = (room: Room, member: RoomMember): Room => ({
  ...room,
  members: [...room.members.filter(({ id }) => id !== member.id), member].sort(byJoinOrder),
})

export const withoutMember = (room: Room, id: PeerId): Room => ({
  ...room,
  members: room.members.filter((member) => member.id !== id),
})

export const countOnline = (room: Room): number =>
  room.members.reduce((count, { online }) => count + (online ? 1 : 0), 0)

/** What others may know of a member. */
export const publicMember = (member: RoomMember): Member => ({
  id: member.id,
  joinOrder: member.joinOrder,
  presence: member.presence,
  canHost: member.canHost,
  priority: member.priority,
  online: member.online,
})

/** Whether a member says the same of itself. */
export const isSameSelf = (a: Self, b: Self): boolean =>
  a.canHost === b.canHost &&
  a.priority === b.priority &&
  JSON.stringify(a.presence) === JSON.stringify(b.presence)

/** Ids settle what only a split of the server could bring about: two of one join order. */
export const byJoinOrder = (
  a: { readonly joinOrder: number; readonly id: PeerId },
  b: { readonly joinOrder: number; readonly id: PeerId },
): number => a.joinOrder - b.joinOrder || (a.id < b.id ? -1 : 1)
