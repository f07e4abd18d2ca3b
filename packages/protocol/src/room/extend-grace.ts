import type { Millis } from '../ids.ts'
import { memberGraceMs } from './members.ts'
import type { Room, RoomMember, RoomPolicy } from './room.ts'

/**
 * Members could not resume while the store was unreachable. After `until`, every offline member gets
 * at least the time that a client needs to reconnect.
 */
export const extendGrace = (room: Room, until: Millis): Room => {
  const earliest = (member: RoomMember): Millis =>
    until - Math.max(0, shortestGraceMs(room.policy, member) - reconnectMs)
  const expiresTooSoon = (member: RoomMember): boolean =>
    member.offlineSince !== null && member.offlineSince < earliest(member)
  if (!room.members.some(expiresTooSoon)) return room
  const members = room.members.map((member) =>
    expiresTooSoon(member) ? { ...member, offlineSince: earliest(member) } : member,
  )
  return { ...room, members }
}

/** Of membership and role. The role of a page that was put away has moved already. */
const shortestGraceMs = (policy: RoomPolicy, { absence }: RoomMember): Millis =>
  absence === 'lost'
    ? Math.min(policy.hostGraceMs, policy.memberGraceMs)
    : memberGraceMs(policy, absence)

/** A client with an open link retries at least every 3 s. */
const reconnectMs: Millis = 3_000
