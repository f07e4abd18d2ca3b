import { closeCodes } from '../close-codes.ts'
import { type ConnectionId, nodeOf, type PeerId } from '../ids.ts'
import type { LeaveReason } from '../messages.ts'
import { settleHost } from './host.ts'
import {
  findAttached,
  findByConnection,
  findMember,
  publicMember,
  withMember,
  withoutMember,
} from './members.ts'
import type { Identity, RoomInput, RoomMember } from './room.ts'
import { announce, answer, type Turn } from './turn.ts'

/** Gone for good: no grace. */
export const leave = (turn: Turn, connection: ConnectionId): void => {
  const member = findByConnection(turn.room, connection)
  if (member !== null) remove(turn, { ids: [member.id], reason: 'left' })
}

/** A member takes another out; the shell has checked its right to. */
export const kick = (turn: Turn, by: Extract<RoomInput, { type: 'kick' }>): void => {
  if (findAttached(turn.room, by) === null) return
  const target = findMember(turn.room, by.target)
  if (target === null || target.id === by.id) {
    answer(turn, { to: by.connection, code: 'peer-not-found', about: 'kick' })
    return
  }
  remove(turn, { ids: [target.id], reason: 'kicked' })
  if (target.connection !== null) {
    const { connection } = target
    const reason = by.reason === null ? {} : { reason: by.reason }
    turn.effects.push({ type: 'close', connection, code: closeCodes.kicked, ...reason })
  }
}

/** Where there may be one member of a `sub`, the newest takes the place of the others. */
export const replaceOthers = (
  turn: Turn,
  { id, identity }: { readonly id: PeerId; readonly identity: Identity | null },
): void => {
  if (identity?.isSingle !== true) return
  const others = turn.room.members.filter((each) => each.sub === identity.sub && each.id !== id)
  if (others.length === 0) return
  remove(turn, { ids: others.map((other) => other.id), reason: 'left' })
  for (const { connection } of others) {
    if (connection !== null) {
      turn.effects.push({ type: 'close', connection, code: closeCodes.superseded })
    }
  }
}

/** The socket is gone; the seat is kept for the grace time. */
export const lose = (turn: Turn, connection: ConnectionId): void => {
  const member = findByConnection(turn.room, connection)
  if (member !== null) loseAll(turn, [member])
}

/** All sockets of a node are gone, in one step: none of the lost hears of the others. */
export const loseNode = (turn: Turn, node: string): void => {
  loseAll(
    turn,
    turn.room.members.filter(
      ({ connection }) => connection !== null && nodeOf(connection) === node,
    ),
  )
}

/** Those whose grace has ended are no longer members. */
export const removeExpired = (turn: Turn): void => {
  const { members, policy } = turn.room
  const ids = members
    .filter(
      ({ offlineSince }) =>
        offlineSince !== null && turn.now >= offlineSince + policy.memberGraceMs,
    )
    .map(({ id }) => id)
  if (ids.length > 0) remove(turn, { ids, reason: 'timeout' })
}

const loseAll = (turn: Turn, lost: readonly RoomMember[]): void => {
  if (lost.length === 0) return
  const away = lost.map((member) => ({
    ...member,
    connection: null,
    online: false,
    offlineSince: turn.now,
  }))
  for (const member of away) turn.room = withMember(turn.room, member)
  for (const member of away) {
    announce(turn, { type: 'peer-updated', peer: publicMember(member) })
  }
  settleHost(turn, 'timeout')
}

/** Takes members out and tells the others; if the host is among them the role moves at once. */
export const remove = (
  turn: Turn,
  { ids, reason }: { readonly ids: readonly PeerId[]; readonly reason: LeaveReason },
): void => {
  for (const id of ids) turn.room = withoutMember(turn.room, id)
  for (const id of ids) announce(turn, { type: 'peer-left', id, reason })
  settleHost(turn, reason)
}
