import { elect } from '../election/elect.ts'
import type { Millis, PeerId } from '../ids.ts'
import type { HostReason } from '../messages.ts'
import { findMember } from './members.ts'
import type { Room } from './room.ts'
import { broadcast, type StepContext } from './step-context.ts'

/**
 * Elects a host if the room has none or has just lost it. A host that has `canHost`, and is online
 * or within the host grace period, keeps the role.
 *
 * `cause`: why the host is no longer a member, or why a room without a host may get one.
 */
export const electIfVacant = (context: StepContext, cause: HostReason): void => {
  const { room, now } = context
  if (hasActiveHost(room, now)) return
  const host = elect(room.members)
  if (host === room.host) return
  setHost(context, { host, reason: hostReason(room, cause) })
}

/** Starts a new host term; `host` is `null` when no member is eligible. */
export const setHost = (
  context: StepContext,
  { host, reason }: { readonly host: PeerId | null; readonly reason: HostReason },
): void => {
  const previous = context.room.host
  const term = context.room.term + 1
  context.room = { ...context.room, host, term }
  broadcast(context, { type: 'host', term, host, previous, reason })
}

/** When the host grace period ends; `null` while it is not running. */
export const hostDeadline = (room: Room): Millis | null => {
  const host = room.host === null ? null : findMember(room, room.host)
  if (host === null || host.offlineSince === null) return null
  return host.offlineSince + room.policy.hostGraceMs
}

const hasActiveHost = (room: Room, now: Millis): boolean => {
  const host = room.host === null ? null : findMember(room, room.host)
  if (host === null || !host.canHost) return false
  const until = hostDeadline(room)
  return until === null || now < until
}

const hostReason = (room: Room, cause: HostReason): HostReason => {
  if (room.host === null) return cause === 'first' ? 'first' : 'eligible'
  const host = findMember(room, room.host)
  if (host === null) return cause
  return host.canHost ? 'timeout' : 'ineligible'
}
