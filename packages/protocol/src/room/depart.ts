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

/** Gone for good: no grace. */
export const leave = (context: StepContext, connection: ConnectionId): void => {
  const member = findByConnection(context.room, connection)
  if (member !== null) remove(context, { ids: [member.id], reason: 'left' })
}

/** A member takes another out; the shell has checked its right to. */
export const kick = (context: StepContext, by: Extract<RoomInput, { type: 'kick' }>): void => {
  if (findAttached(context.room, by) === null) return
  const target = findMember(context.room, by.target)
  if (target === null || target.id === by.id) {
    sendError(context, { to: by.connection, code: 'peer-not-found', about: 'kick' })
    return
  }
  remove(context, { ids: [target.id], reason: 'kicked' })
  if (target.connection !== null) {
    const { connection } = target
    const reason = by.reason === null ? {} : { reason: by.reason }
    context.effects.push({ type: 'close', connection, code: closeCodes.kicked, ...reason })
  }
}

/** Where there may be one member of a `sub`, the newest takes the place of the others. */
export const replaceOthers = (
  context: StepContext,
  { id, identity }: { readonly id: PeerId; readonly identity: Identity | null },
): void => {
  if (identity?.isSingle !== true) return
  const others = context.room.members.filter((each) => each.sub === identity.sub && each.id !== id)
  if (others.length === 0) return
  remove(context, { ids: others.map((other) => other.id), reason: 'left' })
  for (const { connection } of others) {
    if (connection !== null) {
      context.effects.push({ type: 'close', connection, code: closeCodes.superseded })
    }
  }
}

/** The socket is gone; the seat is kept for the grace time. */
export const lose = (context: StepContext, connection: ConnectionId): void => {
  const member = findByConnection(context.room, connection)
  if (member !== null) loseAll(context, [member])
}

/** All sockets of a node are gone, in one step: none of the lost hears of the others. */
export const loseNode = (context: StepContext, node: string): void => {
  loseAll(
    context,
    context.room.members.filter(
      ({ connection }) => connection !== null && nodeOf(connection) === node,
    ),
  )
}

/** Those whose grace has ended are no longer members. */
export const removeExpired = (context: StepContext): void => {
  const { members, policy } = context.room
  const ids = members
    .filter(
      ({ offlineSince }) =>
        offlineSince !== null && context.now >= offlineSince + policy.memberGraceMs,
    )
    .map(({ id }) => id)
  if (ids.length > 0) remove(context, { ids, reason: 'timeout' })
}

const loseAll = (context: StepContext, lost: readonly RoomMember[]): void => {
  if (lost.length === 0) return
  const away = lost.map((member) => ({
    ...member,
    connection: null,
    online: false,
    offlineSince: context.now,
  }))
  for (const member of away) context.room = withMember(context.room, member)
  for (const member of away) {
    broadcast(context, { type: 'peer-updated', peer: publicMember(member) })
  }
  electIfVacant(context, 'timeout')
}

/** Takes members out and tells the others; if the host is among them the role moves at once. */
export const remove = (
  context: StepContext,
  { ids, reason }: { readonly ids: readonly PeerId[]; readonly reason: LeaveReason },
): void => {
  for (const id of ids) context.room = withoutMember(context.room, id)
  for (const id of ids) broadcast(context, { type: 'peer-left', id, reason })
  electIfVacant(context, reason)
}
