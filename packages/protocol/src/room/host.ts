import { elect } from '../election/elect.ts'
import type { Millis, PeerId, Term } from '../ids.ts'
import type { HostReason } from '../messages.ts'
import { findMember } from './members.ts'
import type { Absence, Room, RoomPolicy } from './room.ts'
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
  return host.offlineSince + hostGraceMs(room.policy, host.absence)
}

const hostGraceMs = (policy: RoomPolicy, absence: Absence): Millis => {
  switch (absence) {
    case 'lost':
      return policy.hostGraceMs
    case 'reload':
      return policy.reloadGraceMs
    case 'away':
      return 0
  }
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

/**
 * A term above all that the store may have lost. It is derived from the clock, so that the second
 * of two failovers gets the higher term even if the first one was lost. If the clock went back, the
 * term rises by more than any number of host changes could.
 */
export const termAfterFailover = (
  { term, epoch }: Pick<Room, 'term' | 'epoch'>,
  now: Millis,
): Term => {
  const termByClock = minTermJump + Math.floor(now - epoch) * termsPerMs
  return termByClock > term + maxLostTerms ? termByClock : term + minTermJump
}

const termsPerMs = 1_000
const maxLostTerms = 1_000
const minTermJump = 1_000_000
