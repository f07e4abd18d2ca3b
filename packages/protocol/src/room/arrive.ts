import { closeCodes } from '../close-codes.ts'
import type { Epoch } from '../ids.ts'
import { removeOthersOfSub } from './depart.ts'
import { electIfVacant } from './host.ts'
import { findMember, isSameSelf, publicMember, withMember } from './members.ts'
import type { Newcomer, ResumeClaims, Returning, Room, RoomMember } from './room.ts'
import { broadcast, refuse, type StepContext, sendWelcomes } from './step-context.ts'

/** Adds a new member to an open room. */
export const join = (context: StepContext, newcomer: Newcomer): void => {
  const { connection, id } = newcomer
  if (context.room.members.some((member) => member.id === id || member.connection === connection)) {
    return
  }
  removeOthersOfSub(context, newcomer)
  if (context.room.members.length >= context.room.policy.maxMembers) {
    refuse(context, { to: connection, code: 'room-full' })
    return
  }
  const room = withNewEpochIfEmptied(context, newcomer.epoch)
  const member = createMember({ newcomer, joinOrder: room.nextJoinOrder, presentedSerial: -1 })
  context.room = withMember({ ...room, nextJoinOrder: room.nextJoinOrder + 1 }, member)
  context.pendingWelcomes.set(id, { isResumed: false })
  broadcast(context, { type: 'peer-joined', peer: publicMember(member) })
  electIfVacant(context, context.room.members.length === 1 ? 'first' : 'eligible')
  sendWelcomes(context)
}

/** Attaches a new connection to a member of an open room. */
export const resume = (
  context: StepContext,
  { connection, claims, self, identity }: Returning,
): void => {
  const member = findMember(context.room, claims.id)
  if (member?.connection === connection) return
  if (member === null || !isTokenAccepted(context.room, { member, claims })) {
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
  const resumed = {
    ...member,
    ...self,
    connection,
    tokenSerial: Math.max(member.tokenSerial, claims.tokenSerial) + 1,
    presentedSerial: claims.tokenSerial,
    online: true,
    offlineSince: null,
  }
  context.room = withMember(context.room, resumed)
  context.pendingWelcomes.set(member.id, { isResumed: true })
  removeOthersOfSub(context, { id: member.id, identity })
  if (!(member.online && isSameSelf(member, self))) {
    broadcast(context, { type: 'peer-updated', peer: publicMember(resumed) })
  }
  electIfVacant(context, 'eligible')
  sendWelcomes(context)
}

/** Creates a member that is online; `sendWelcomes` fills in what its token says. */
export const createMember = ({
  newcomer,
  joinOrder,
  presentedSerial,
}: {
  readonly newcomer: Pick<Newcomer, 'connection' | 'id' | 'self' | 'identity'>
  readonly joinOrder: number
  /** -1 for a new member. */
  readonly presentedSerial: number
}): RoomMember => ({
  id: newcomer.id,
  joinOrder,
  ...newcomer.self,
  online: true,
  connection: newcomer.connection,
  offlineSince: null,
  absence: 'lost',
  tokenSerial: presentedSerial + 1,
  presentedSerial,
  tokenAt: 0,
  tokenTerm: 0,
  tokenOnline: 0,
  tokenKicked: null,
  sub: newcomer.identity?.sub ?? null,
  isSingle: newcomer.identity?.isSingle ?? false,
})

/**
 * Accepts every token that is not older than the latest one presented: tokens issued since may not
 * have arrived. A later serial than the room knows is valid too: the store lost it, but the server
 * did sign it.
 */
const isTokenAccepted = (
  room: Room,
  { member, claims }: { readonly member: RoomMember; readonly claims: ResumeClaims },
): boolean => claims.epoch === room.epoch && claims.tokenSerial >= member.presentedSerial

/** Starts a new epoch in a room that was empty: older tokens and host terms do not apply to it. */
const withNewEpochIfEmptied = ({ room, now }: StepContext, given: Epoch = now): Room => {
  if (room.members.length > 0 || room.revision === 0) return room
  const epoch = Math.max(given, room.epoch + 1)
  return { ...room, epoch, revision: 0, term: 0, host: null, nextJoinOrder: 0 }
}
