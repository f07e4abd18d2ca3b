import type { ConnectionId, Millis } from '../ids.ts'
import { countOnline } from './members.ts'
import type { ResumeClaims, Room, RoomEffect, RoomMember } from './room.ts'

type TokenEffect = Extract<RoomEffect, { type: 'resume' }>

/** What the token of a member says. */
export const claimsOf = (room: Room, member: RoomMember): ResumeClaims => ({
  room: room.name,
  epoch: room.epoch,
  id: member.id,
  joinOrder: member.joinOrder,
  tokenSerial: member.tokenSerial,
  term: room.term,
  host: room.host,
  online: countOnline(room),
  sub: member.sub,
})

/** A member whose token says how the room now is. */
export const withFreshToken = (
  room: Room,
  { member, now }: { readonly member: RoomMember; readonly now: Millis },
): RoomMember => ({
  ...member,
  tokenAt: now,
  tokenTerm: room.term,
  tokenOnline: countOnline(room),
})

/**
 * Writes fresh tokens: for all after a change of host, for those whose token is old, and for those
 * whose token counts fewer than are online (it would end the recovery after a restart too early).
 * The last keep their serial number: with many joins in a row the client may be several behind.
 */
export const renewTokens = (
  room: Room,
  now: Millis,
): { readonly room: Room; readonly effects: readonly TokenEffect[] } => {
  const online = countOnline(room)
  const effects: TokenEffect[] = []
  const members = room.members.map((member) => {
    const { connection } = member
    if (connection === null) return member
    const isNextDue =
      member.tokenTerm !== room.term || now >= member.tokenAt + room.policy.tokenRenewMs
    if (!isNextDue && member.tokenOnline >= online) return member
    const tokenSerial = member.tokenSerial + (isNextDue ? 1 : 0)
    const renewed = withFreshToken(room, { member: { ...member, tokenSerial }, now })
    effects.push(tokenEffect({ room, member: renewed, connection }))
    return renewed
  })
  return effects.length === 0 ? { room, effects } : { room: { ...room, members }, effects }
}

const tokenEffect = (token: {
  readonly room: Room
  readonly member: RoomMember
  readonly connection: ConnectionId
}): TokenEffect => ({
  type: 'resume',
  to: token.connection,
  claims: claimsOf(token.room, token.member),
})
