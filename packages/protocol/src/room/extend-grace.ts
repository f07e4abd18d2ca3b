import type { Millis } from '../ids.ts'
import type { Room, RoomMember } from './room.ts'

/**
 * Members could not resume while the store was unreachable. After `until`, every offline member gets
 * at least the time that a client needs to reconnect.
 */
export const extendGrace = (room: Room, until: Millis): Room => {
  const { hostGraceMs, memberGraceMs } = room.policy
  const graceMs = Math.min(hostGraceMs, memberGraceMs)
  const earliest = until - Math.max(0, graceMs - reconnectMs)
  const expiresTooSoon = ({ offlineSince }: RoomMember): boolean =>
    offlineSince !== null && offlineSince < earliest
  if (!room.members.some(expiresTooSoon)) return room
  const members = room.members.map((member) =>
    expiresTooSoon(member) ? { ...member, offlineSince: earliest } : member,
  )
  return { ...room, members }
}

/** A client with an open link retries at least every 3 s. */
const reconnectMs: Millis = 3_000
