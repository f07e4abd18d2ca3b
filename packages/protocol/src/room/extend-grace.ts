import type { Millis } from '../ids.ts'
import type { Room, RoomMember } from './room.ts'

/**
 * Nobody could come back while the store was away. Who went before that, and would be out now, has
 * the time left that a client needs.
 */
export const extendGrace = (room: Room, until: Millis): Room => {
  const { hostGraceMs, memberGraceMs } = room.policy
  const graceMs = Math.min(hostGraceMs, memberGraceMs)
  const earliest = until - Math.max(0, graceMs - comeBackMs)
  const isLate = ({ offlineSince }: RoomMember): boolean =>
    offlineSince !== null && offlineSince < earliest
  if (!room.members.some(isLate)) return room
  const members = room.members.map((member) =>
    isLate(member) ? { ...member, offlineSince: earliest } : member,
  )
  return { ...room, members }
}

/** While a link is open, a client tries again at least every 3 s. */
const comeBackMs: Millis = 3_000
