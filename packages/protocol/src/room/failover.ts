import { closeCodes } from '../close-codes.ts'
import { nodeOf } from '../ids.ts'
import { join, resume } from './arrive.ts'
import { detach } from './depart.ts'
import { electIfVacant, termAfterFailover } from './host.ts'
import { findMember, publicMember, withMember } from './members.ts'
import { queueDetach, queueJoin, queueResume } from './recovery.ts'
import type { Recovery, Room, RoomInput, RoomMember } from './room.ts'
import { broadcast, queueWelcomesForAll, type StepContext, sendWelcomes } from './step-context.ts'

type MergeSnapshot = Extract<RoomInput, { type: 'merge-snapshot' }>

/**
 * Continues the room after its store was replaced. The store may have lost the last host terms, so
 * the term jumps above all that may have been used. Host and members stay, and every online member
 * gets a welcome.
 */
export const failOver = (context: StepContext): void => {
  const { room, now } = context
  if (room.recovery !== null) {
    // Another life of the store may have opened the room already, in its first terms.
    context.room = { ...room, recovery: { ...room.recovery, mustRaiseTerm: true } }
    return
  }
  context.room = { ...room, term: termAfterFailover(room, now) }
  queueWelcomesForAll(context)
  sendWelcomes(context)
}

/** Adds what a node knows of its own connections and the replaced store may have lost. */
export const mergeSnapshot = (
  context: StepContext,
  { node, lastKnownRoom }: MergeSnapshot,
): void => {
  const { recovery } = context.room
  if (recovery !== null) restoreSnapshot(context, { recovery, lastKnownRoom })
  else if (lastKnownRoom.recovery !== null)
    admitWaiting(context, { recovery: lastKnownRoom.recovery, node })
  else {
    raiseTerm(context, lastKnownRoom)
    for (const member of lastKnownRoom.members) mergeMember(context, { member, node })
    electIfVacant(context, 'eligible')
    sendWelcomes(context)
  }
}

/** Replaces a room in recovery by the node's snapshot, and lets waiting connections into that. */
const restoreSnapshot = (
  context: StepContext,
  { recovery, lastKnownRoom }: { readonly recovery: Recovery; readonly lastKnownRoom: Room },
): void => {
  if (lastKnownRoom.recovery !== null) {
    mergeRecovery(context, lastKnownRoom.recovery)
    return
  }
  if (lastKnownRoom.members.length === 0) return
  const { keepUntil } = context.room
  context.room = {
    ...lastKnownRoom,
    keepUntil,
    term: termAfterFailover(lastKnownRoom, context.now),
  }
  queueWelcomesForAll(context)
  sendWelcomes(context)
  for (const each of recovery.returning) resume(context, each)
  for (const each of recovery.newcomers) join(context, each)
  removeDeparted(context, recovery)
  electIfVacant(context, 'timeout')
}

const mergeRecovery = (context: StepContext, other: Recovery): void => {
  // First, because the last resume may end the recovery.
  for (const claims of other.departed) {
    queueDetach(context, { type: 'detach', claims, absence: 'left' })
  }
  for (const each of other.returning) queueResume(context, each)
  for (const each of other.newcomers) queueJoin(context, each)
}

const removeDeparted = (context: StepContext, { departed }: Recovery): void => {
  for (const claims of departed) detach(context, { type: 'detach', claims, absence: 'left' })
}

/** Lets in the connections that waited on that node for a room that is open by now. */
const admitWaiting = (
  context: StepContext,
  { recovery, node }: { readonly recovery: Recovery; readonly node: string },
): void => {
  for (const each of recovery.returning) if (nodeOf(each.connection) === node) resume(context, each)
  for (const each of recovery.newcomers) if (nodeOf(each.connection) === node) join(context, each)
  removeDeparted(context, recovery)
}

/** Raises the term unless the room is ahead of the snapshot or equal: members have seen its term. */
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
  const term = Math.max(termAfterFailover(room, now), termAfterFailover(lastKnownRoom, now))
  context.room = { ...room, epoch: lastKnownRoom.epoch, term }
  queueWelcomesForAll(context)
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
    addMember(context, member)
  } else if (known.connection !== connection && known.tokenSerial < member.tokenSerial) {
    if (known.connection !== null) {
      const code = closeCodes.superseded
      context.effects.push({ type: 'close', connection: known.connection, code })
    }
    context.room = withMember(context.room, member)
    context.pendingWelcomes.set(id, { isResumed: true })
    broadcast(context, { type: 'peer-updated', peer: publicMember(member) })
  }
}

const addMember = (context: StepContext, member: RoomMember): void => {
  const nextJoinOrder = Math.max(context.room.nextJoinOrder, member.joinOrder + 1)
  context.room = withMember({ ...context.room, nextJoinOrder }, member)
  context.pendingWelcomes.set(member.id, { isResumed: true })
  broadcast(context, { type: 'peer-joined', peer: publicMember(member) })
}
