import type { Millis } from '../ids.ts'
import { hostDeadline } from './host.ts'
import { memberGraceMs } from './members.ts'
import { recoveryDeadline } from './recovery.ts'
import type { Room, RoomMember } from './room.ts'

/**
 * When the next `tick` is due; `null` when nothing is pending. An earlier tick changes nothing; a
 * tick at that time does everything that is due.
 */
export const deadline = (room: Room): Millis | null => {
  if (room.recovery !== null) return recoveryDeadline(room.recovery)
  if (room.members.length === 0) return room.keepUntil
  const times = room.members.map((member) => memberDeadline(room, member))
  return Math.min(...times, hostDeadline(room) ?? Number.POSITIVE_INFINITY)
}

/** When an offline member's grace period ends, or when an online member's token is renewed. */
const memberDeadline = (
  { policy }: Room,
  { offlineSince, tokenAt, absence }: RoomMember,
): Millis =>
  offlineSince === null
    ? tokenAt + policy.tokenRenewMs
    : offlineSince + memberGraceMs(policy, absence)
