import { closeCodes } from '../close-codes.ts'
import { replaceOthers } from './depart.ts'
import { electIfVacant } from './host.ts'
import { findMember, isSameSelf, publicMember, withMember } from './members.ts'
import type { Newcomer, ResumeClaims, Returning, Room, RoomMember } from './room.ts'
import { broadcast, refuse, type StepContext, welcome } from './step-context.ts'

/** A newcomer enters an open room. */
export const join = (context: StepContext, newcomer: Newcomer): void => {
  const { connection, id } = newcomer
  if (context.room.members.some((member) => member.id === id || member.connection === connection)) {
    return
  }
  replaceOthers(context, newcomer)
  if (context.room.members.length >= context.room.policy.maxMembers) {
    refuse(context, { to: connection, code: 'room-full' })
    return
  }
  const room = reopened(context)
  const member = memberOf({ newcomer, joinOrder: room.nextJoinOrder, tokenSerial: 0 })
  context.room = withMember({ ...room, nextJoinOrder: room.nextJoinOrder + 1 }, member)
  context.arriving.set(id, { isResumed: false })
  broadcast(context, { type: 'peer-joined', peer: publicMember(member) })
  electIfVacant(context, context.room.members.length === 1 ? 'first' : 'eligible')
  welcome(context)
}

/** A member comes back to an open room, on a new connection. */
export const resume = (
  context: StepContext,
  { connection, claims, self, identity }: Returning,
): void => {
  const member = findMember(context.room, claims.id)
  if (member?.connection === connection) return
  if (member === null || !isAccepted(context.room, { member, claims })) {
    refuse(context, { to: connection, code: 'resume-rejected' })
    return
  }
  if (member.connection !== null) {
    context.effects.push({
      type: 'close',
      connection: member.connection,
      code: closeCodes.superseded,
    })
  }
  const tokenSerial = Math.max(member.tokenSerial, claims.tokenSerial) + 1
  const back = { ...member, ...self, connection, tokenSerial, online: true, offlineSince: null }
  context.room = withMember(context.room, back)
  context.arriving.set(member.id, { isResumed: true })
  replaceOthers(context, { id: member.id, identity })
  if (!(member.online && isSameSelf(member, self))) {
    broadcast(context, { type: 'peer-updated', peer: publicMember(back) })
  }
  electIfVacant(context, 'eligible')
  welcome(context)
}

/** A member as it is on arrival; its token is dated by the welcome. */
export const memberOf = ({
  newcomer,
  joinOrder,
  tokenSerial,
}: {
  readonly newcomer: Newcomer
  readonly joinOrder: number
  readonly tokenSerial: number
}): RoomMember => ({
  id: newcomer.id,
  joinOrder,
  ...newcomer.self,
  online: true,
  connection: newcomer.connection,
  offlineSince: null,
  tokenSerial,
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
): boolean => claims.epoch === room.epoch && claims.tokenSerial >= member.tokenSerial - 1

/** A room that has been empty begins anew: no token and no reign of before means anything in it. */
const reopened = ({ room, now }: StepContext): Room => {
  if (room.members.length > 0 || room.revision === 0) return room
  const epoch = Math.max(now, room.epoch + 1)
  return { ...room, epoch, revision: 0, term: 0, host: null, nextJoinOrder: 0 }
}
