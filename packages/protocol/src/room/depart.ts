import { closeCodes } from '../close-codes.ts'
import { type ConnectionId, nodeOf, type PeerId } from '../ids.ts'
import type { LeaveReason } from '../messages.ts'
import { electIfVacant } from './host.ts'
import {
  findAttached,
  findByConnection,
  findMember,
  memberGraceMs,
  publicMember,
  withMember,
  withoutMember,
} from './members.ts'
import type { Absence, Identity, RoomInput, RoomMember } from './room.ts'
import { broadcast, type StepContext, sendError } from './step-context.ts'

type Input<Type extends RoomInput['type']> = Extract<RoomInput, { type: Type }>

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
  const kicked = [...context.room.kicked, target.id].slice(-maxKicked)
  context.room = { ...context.room, kicked }
  if (target.connection !== null) {
    const { connection } = target
    const reason = by.reason === null ? {} : { reason: by.reason }
    context.effects.push({ type: 'close', connection, code: closeCodes.kicked, ...reason })
  }
}

/** How many kicked members a room remembers, so that tokens stay small. */
const maxKicked = 16

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
export const disconnect = (
  context: StepContext,
  { connection, absence = 'lost' }: Pick<Input<'lost'>, 'connection' | 'absence'>,
): void => {
  const member = findByConnection(context.room, connection)
  if (member !== null) takeOffline(context, { lost: [member], absence })
}

/**
 * A page that goes presents its token instead of using its socket. Only a token that was issued on
 * the member's current connection counts: otherwise the page is back already, on a newer one.
 */
export const detach = (context: StepContext, { claims, absence }: Input<'detach'>): void => {
  const member = findMember(context.room, claims.id)
  const isCurrent =
    claims.epoch === context.room.epoch && claims.tokenSerial > (member?.presentedSerial ?? 0)
  if (member === null || !isCurrent) return
  const { connection } = member
  if (absence === 'left') removeMembers(context, { ids: [member.id], reason: 'left' })
  else if (connection !== null || member.absence === 'lost') {
    takeOffline(context, { lost: [member], absence })
  }
  if (connection === null) return
  context.effects.push({ type: 'close', connection, code: closeCodes.goingAway })
}

/** Takes all members of a lost node offline in one step, so that no message goes to any of them. */
export const disconnectNode = (context: StepContext, node: string): void => {
  const lost = context.room.members.filter(
    ({ connection }) => connection !== null && nodeOf(connection) === node,
  )
  takeOffline(context, { lost, absence: 'lost' })
}

/** Removes members whose grace period has ended. */
export const removeExpired = (context: StepContext): void => {
  const { members, policy } = context.room
  const ids = members
    .filter(
      ({ offlineSince, absence }) =>
        offlineSince !== null && context.now >= offlineSince + memberGraceMs(policy, absence),
    )
    .map(({ id }) => id)
  if (ids.length > 0) removeMembers(context, { ids, reason: 'timeout' })
}

const takeOffline = (
  context: StepContext,
  { lost, absence }: { readonly lost: readonly RoomMember[]; readonly absence: Absence },
): void => {
  if (lost.length === 0) return
  const offline = lost.map((member) => ({
    ...member,
    connection: null,
    online: false,
    offlineSince: context.now,
    absence,
  }))
  for (const member of offline) context.room = withMember(context.room, member)
  for (const member of offline) {
    const wasOnline = lost.some(({ id, online }) => id === member.id && online)
    if (wasOnline) broadcast(context, { type: 'peer-updated', peer: publicMember(member) })
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
