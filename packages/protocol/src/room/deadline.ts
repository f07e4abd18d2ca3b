import type { Millis } from '../ids.ts'
import { hostDeadline } from './host.ts'
import type { Room, RoomMember } from './room.ts'

/**
 * The one time at which a `tick` is next due; `null` when the room waits for nothing. Before it a
 * tick changes nothing, at it a tick does what is due.
 */
export const deadline = (room: Room): Millis | null => {
  if (room.recovery !== null) return room.recovery.until
  if (room.members.length === 0) return room.keepUntil
  const times = room.members.map((member) => memberDeadline(room, member))
  return Math.min(...times, hostDeadline(room) ?? Number.POSITIVE_INFINITY)
}

/** The end of its grace when it is away, the renewal of its token when it is here. */
const memberDeadline = ({ policy }: Room, { offlineSince, tokenAt }: RoomMember): Millis =>
  offlineSince === null ? tokenAt + policy.tokenRenewMs : offlineSince + policy.memberGraceMs
