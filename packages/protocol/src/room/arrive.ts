import { closeCodes } from '../close-codes.ts'
import { replaceOthers } from './depart.ts'
import { settleHost } from './host.ts'
import { findMember, isSameSelf, publicMember, withMember } from './members.ts'
import type { Newcomer, ResumeClaims, Returning, Room, RoomMember } from './room.ts'
import { announce, refuse, type Turn, welcome } from './turn.ts'

/** A newcomer enters an open room. */
export const join = (turn: Turn, newcomer: Newcomer): void => {
  const { connection, id } = newcomer
  if (turn.room.members.some((member) => member.id === id || member.connection === connection)) {
    return
  }
  replaceOthers(turn, newcomer)
  if (turn.room.members.length >= turn.room.policy.maxMembers) {
    refuse(turn, { to: connection, code: 'room-full' })
    return
  }
  const room = reopened(turn)
  const member = memberOf({ newcomer, joinOrder: room.nextJoinOrder, generation: 0 })
  turn.room = withMember({ ...room, nextJoinOrder: room.nextJoinOrder + 1 }, member)
  turn.arriving.set(id, { isResumed: false })
  announce(turn, { type: 'peer-joined', peer: publicMember(member) })
  settleHost(turn, turn.room.members.length === 1 ? 'first' : 'eligible')
  welcome(turn)
}

/** A member comes back to an open room, on a new connection. */
export const resume = (turn: Turn, { connection, claims, self, identity }: Returning): void => {
  const member = findMember(turn.room, claims.id)
  if (member?.connection === connection) return
  if (member === null || !isAccepted(turn.room, { member, claims })) {
    refuse(turn, { to: connection, code: 'resume-rejected' })
    return
  }
  if (member.connection !== null) {
    turn.effects.push({
      type: 'close',
      connection: member.connection,
      code: closeCodes.superseded,
    })
  }
  const generation = Math.max(member.generation, claims.generation) + 1
  const back = { ...member, ...self, connection, generation, online: true, offlineSince: null }
  turn.room = withMember(turn.room, back)
  turn.arriving.set(member.id, { isResumed: true })
  replaceOthers(turn, { id: member.id, identity })
  if (!(member.online && isSameSelf(member, self))) {
    announce(turn, { type: 'peer-updated', peer: publicMember(back) })
  }
  settleHost(turn, 'eligible')
  welcome(turn)
}

/** A member as it is on arrival; its token is dated by the welcome. */
export const memberOf = ({
  newcomer,
  joinOrder,
  generation,
}: {
  readonly newcomer: Newcomer
  readonly joinOrder: number
  readonly generation: number
}): RoomMember => ({
  id: newcomer.id,
  joinOrder,
  ...newcomer.self,
  online: true,
  connection: newcomer.connection,
  offlineSince: null,
  generation,
  tokenAt: 0,
  tokenTerm: 0,
  tokenOnline: 0,
  sub: newcomer.identity?.sub ?? null,
})

/**
 * The latest token and the one before it: the latest may not have arrived. One that is later than the
 * room knows of shows that a store forgot it; we have signed it all the same.
 */
const isAccepted = (
  room: Room,
  { member, claims }: { readonly member: RoomMember; readonly claims: ResumeClaims },
): boolean => claims.epoch === room.epoch && claims.generation >= member.generation - 1

/** A room that has been empty begins anew: no token and no reign of before means anything in it. */
const reopened = ({ room, now }: Turn): Room => {
  if (room.members.length > 0 || room.revision === 0) return room
  const epoch = Math.max(now, room.epoch + 1)
  return { ...room, epoch, revision: 0, term: 0, host: null, nextJoinOrder: 0 }
}
