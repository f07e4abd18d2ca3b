import { closeCodes } from '../close-codes.ts'
import { type Millis, nodeOf, type Term } from '../ids.ts'
import { join, resume } from './arrive.ts'
import { electIfVacant } from './host.ts'
import { findMember, publicMember, withMember } from './members.ts'
import { queueJoin, queueResume } from './recovery.ts'
import type { Recovery, Room, RoomInput, RoomMember } from './room.ts'
import { broadcast, resendWelcomeToAll, type StepContext, welcome } from './step-context.ts'

type MergeSnapshot = Extract<RoomInput, { type: 'merge-snapshot' }>

/**
 * The store may have forgotten the last reigns: the room goes on in a term that is above all that
 * can have been given out. Host and members stay, and everyone is told the whole truth.
 */
export const failOver = (context: StepContext): void => {
  const { room, now } = context
  if (room.recovery !== null) return
  context.room = { ...room, term: leapTerm(room, now) }
  resendWelcomeToAll(context)
  welcome(context)
}

/** What a node knows of its own connections, and the store that was replaced may not know. */
export const mergeSnapshot = (
  context: StepContext,
  { node, lastKnownRoom }: MergeSnapshot,
): void => {
  const { recovery } = context.room
  if (recovery !== null) reopen(context, { recovery, lastKnownRoom })
  else if (lastKnownRoom.recovery !== null)
    admitWaiting(context, { recovery: lastKnownRoom.recovery, node })
  else {
    raiseTerm(context, lastKnownRoom)
    for (const member of lastKnownRoom.members) mergeMember(context, { member, node })
    electIfVacant(context, 'eligible')
    welcome(context)
  }
}

/**
 * Above all terms that may be forgotten. By the clock, so that of two failovers in a row the later
 * comes to the higher term, whatever it remembers of the earlier; should the clock have gone back,
 * by a step that no number of changes comes near.
 */
const leapTerm = ({ term, epoch }: Room, now: Millis): Term => {
  const byClock = termLeap + Math.floor(now - epoch) * termsPerMs
  return byClock > term + mostForgotten ? byClock : term + termLeap
}

const termsPerMs = 1_000
const mostForgotten = 1_000
const termLeap = 1_000_000

/** Whoever waits in a room that a restart may have emptied enters the one that is remembered. */
const reopen = (
  context: StepContext,
  { recovery, lastKnownRoom }: { readonly recovery: Recovery; readonly lastKnownRoom: Room },
): void => {
  if (lastKnownRoom.recovery !== null) {
    for (const each of lastKnownRoom.recovery.returning) queueResume(context, each)
    for (const each of lastKnownRoom.recovery.newcomers) queueJoin(context, each)
    return
  }
  if (lastKnownRoom.members.length === 0) return
  const { keepUntil } = context.room
  context.room = { ...lastKnownRoom, keepUntil, term: leapTerm(lastKnownRoom, context.now) }
  resendWelcomeToAll(context)
  welcome(context)
  for (const each of recovery.returning) resume(context, each)
  for (const each of recovery.newcomers) join(context, each)
  electIfVacant(context, 'timeout')
}

/** Who waited at that node for a room that is open by now. */
const admitWaiting = (
  context: StepContext,
  { recovery, node }: { readonly recovery: Recovery; readonly node: string },
): void => {
  for (const each of recovery.returning) if (nodeOf(each.connection) === node) resume(context, each)
  for (const each of recovery.newcomers) if (nodeOf(each.connection) === node) join(context, each)
}

/** Members of the lastKnownRoom have seen its reign: no later one of the room may be lower or doubled. */
const raiseTerm = (context: StepContext, lastKnownRoom: Room): void => {
  const { room, now } = context
  const isAbove =
    room.epoch > lastKnownRoom.epoch ||
    (room.epoch === lastKnownRoom.epoch && room.term > lastKnownRoom.term)
  const isSame =
    room.epoch === lastKnownRoom.epoch &&
    room.term === lastKnownRoom.term &&
    room.host === lastKnownRoom.host
  if (isAbove || isSame) return
  const term = Math.max(leapTerm(room, now), leapTerm(lastKnownRoom, now))
  context.room = { ...room, epoch: lastKnownRoom.epoch, term }
  resendWelcomeToAll(context)
}

const mergeMember = (
  context: StepContext,
  { member, node }: { readonly member: RoomMember; readonly node: string },
): void => {
  const { id, connection } = member
  if (connection === null || nodeOf(connection) !== node) return
  const known = findMember(context.room, id)
  if (known === null) {
    if (context.room.members.length >= context.room.policy.maxMembers) return
    enter(context, member)
  } else if (known.connection !== connection && known.tokenSerial < member.tokenSerial) {
    if (known.connection !== null) {
      const code = closeCodes.superseded
      context.effects.push({ type: 'close', connection: known.connection, code })
    }
    context.room = withMember(context.room, member)
    context.arriving.set(id, { isResumed: true })
    broadcast(context, { type: 'peer-updated', peer: publicMember(member) })
  }
}

const enter = (context: StepContext, member: RoomMember): void => {
  const nextJoinOrder = Math.max(context.room.nextJoinOrder, member.joinOrder + 1)
  context.room = withMember({ ...context.room, nextJoinOrder }, member)
  context.arriving.set(member.id, { isResumed: true })
  broadcast(context, { type: 'peer-joined', peer: publicMember(member) })
}
