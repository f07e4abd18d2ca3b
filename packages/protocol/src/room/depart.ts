import { closeCodes } from '../close-codes.ts'
import { type ConnectionId, nodeOf, type PeerId } from '../ids.ts'
import type { LeaveReason } from '../messages.ts'
import { electIfVacant } from './host.ts'
import {
  findAttached,
  findByConnection,
  findMember,
  publicMember,
  withMember,
  withoutMember,
} from './members.ts'
import type { Identity, RoomInput, RoomMember } from './room.ts'
import { broadcast, type StepContext, sendError } from './step-context.ts'

/** Removes a member without a grace period. */
export const leave = (context: StepContext, connection: ConnectionId): void => {
  const member = findByConnection(context.room, connection)
  if (member !== null) removeMembers(context, { ids: [member.id], reason: 'left' })
}

/** Removes another member; the server has checked that the sender may kick. */
export const kick = (context: StepContext, by: Extract<RoomInput, { type: 'kick' }>): void => {
  if (findAttached(context.room, by) === null) return
  const target = findMember(context.room, by.target)
  if (target === null || target.id === by.id) {
    sendError(context, { to: by.connection, code: 'peer-not-found', about: 'kick' })
    return
  }
  removeMembers(context, { ids: [target.id], reason: 'kicked' })
  if (target.connection !== null) {
    const { connection } = target
    const reason = by.reason === null ? {} : { reason: by.reason }
    context.effects.push({ type: 'close', connection, code: closeCodes.kicked, ...reason })
  }
}

/** Removes the other members of a `sub` that may have only one member. */
export const removeOthersOfSub = (
  context: StepContext,
  { id, identity }: { readonly id: PeerId; readonly identity: Identity | null },
): void => {
  if (identity?.isSingle !== true) return
  const others = context.room.members.filter((each) => each.sub === identity.sub && each.id !== id)
  if (others.length === 0) return
  removeMembers(context, { ids: others.map((other) => other.id), reason: 'left' })
  for (const { connection } of others) {
    if (connection !== null) {
      context.effects.push({ type: 'close', connection, code: closeCodes.superseded })
    }
  }
}

/** Takes the member of a lost connection offline; its grace period begins. */
export const disconnect = (context: StepContext, connection: ConnectionId): void => {
  const member = findByConnection(context.room, connection)
  if (member !== null) takeOffline(context, [member])
}

/** Takes all members of a lost node offline in one step, so that no message goes to any of them. */
export const disconnectNode = (context: StepContext, node: string): void => {
  takeOffline(
    context,
    context.room.members.filter(
      ({ connection }) => connection !== null && nodeOf(connection) === node,
    ),
  )
}

/** Removes members whose grace period has ended. */
export const removeExpired = (context: StepContext): void => {
  const { members, policy } = context.room
  const ids = members
    .filter(
      ({ offlineSince }) =>
        offlineSince !== null && context.now >= offlineSince + policy.memberGraceMs,
    )
    .map(({ id }) => id)
  if (ids.length > 0) removeMembers(context, { ids, reason: 'timeout' })
}

const takeOffline = (context: StepContext, lost: readonly RoomMember[]): void => {
  if (lost.length === 0) return
  const offline = lost.map((member) => ({
    ...member,
    connection: null,
    online: false,
    offlineSince: context.now,
  }))
  for (const member of offline) context.room = withMember(context.room, member)
  for (const member of offline) {
    broadcast(context, { type: 'peer-updated', peer: publicMember(member) })
  }
  electIfVacant(context, 'timeout')
}

/** Removes members at once and broadcasts it; if the host is one of them, elects a new one. */
const removeMembers = (
  context: StepContext,
  { ids, reason }: { readonly ids: readonly PeerId[]; readonly reason: LeaveReason },
): void => {
  for (const id of ids) context.room = withoutMember(context.room, id)
  for (const id of ids) broadcast(context, { type: 'peer-left', id, reason })
  electIfVacant(context, reason)
}
