import type { ConnectionId, Millis, PeerId } from '../ids.ts'
import type { Member } from '../messages.ts'
import type { Absence, Room, RoomMember, RoomPolicy, Self } from './room.ts'

/** The member with that id; `null` when there is none. */
export const findMember = (room: Room, id: PeerId): RoomMember | null => {
  for (const member of room.members) if (member.id === id) return member
  return null
}

/** The member with that id; `null` unless it has that connection, because others are stale. */
export const findAttached = (
  room: Room,
  { id, connection }: { readonly id: PeerId; readonly connection: ConnectionId },
): RoomMember | null => {
  const member = findMember(room, id)
  return member?.connection === connection ? member : null
}

/** The member with that connection; `null` when the connection is stale or still waits. */
export const findByConnection = (room: Room, connection: ConnectionId): RoomMember | null =>
  room.members.find((member) => member.connection === connection) ?? null

/** The room with a member added or replaced, sorted by join order. */
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

/** How long a member stays after it went offline. */
export const memberGraceMs = (policy: RoomPolicy, absence: Absence): Millis =>
  absence === 'reload' ? policy.reloadGraceMs : policy.memberGraceMs

/** The part of a member that others may see. */
export const publicMember = (member: RoomMember): Member => ({
  id: member.id,
  joinOrder: member.joinOrder,
  presence: member.presence,
  canHost: member.canHost,
  priority: member.priority,
  online: member.online,
})

/** Whether the values that a member set for itself are equal. */
export const isSameSelf = (a: Self, b: Self): boolean =>
  a.canHost === b.canHost &&
  a.priority === b.priority &&
  JSON.stringify(a.presence) === JSON.stringify(b.presence)

/** Sorts by join order. Members of two histories can have the same one; then the id decides. */
export const byJoinOrder = (
  a: { readonly joinOrder: number; readonly id: PeerId },
  b: { readonly joinOrder: number; readonly id: PeerId },
): number => a.joinOrder - b.joinOrder || (a.id < b.id ? -1 : 1)
