import type { ConnectionId, Millis, PeerId } from '../ids.ts'
import { countOnline } from './members.ts'
import type { ResumeClaims, Room, RoomEffect, RoomMember } from './room.ts'

type TokenEffect = Extract<RoomEffect, { type: 'resume' }>

/** The claims of a member's resume token. */
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
  ...(room.kicked.length === 0 ? {} : { kicked: room.kicked }),
})

const lastKicked = ({ kicked }: Room): PeerId | null => kicked.at(-1) ?? null

/** The member with a token that matches the room as it is now. */
export const withFreshToken = (
  room: Room,
  { member, now }: { readonly member: RoomMember; readonly now: Millis },
): RoomMember => ({
  ...member,
  tokenAt: now,
  tokenTerm: room.term,
  tokenOnline: countOnline(room),
  tokenKicked: lastKicked(room),
})

/**
 * Issues fresh tokens: to everyone after a change of host or a kick, to members whose token is old, and to
 * members whose token counts fewer members than are online, because that token would end a recovery
 * too early. The last ones keep their serial number: after many joins in a row a client may be
 * several tokens behind.
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
    const isRenewalDue =
      member.tokenTerm !== room.term ||
      member.tokenKicked !== lastKicked(room) ||
      now >= member.tokenAt + room.policy.tokenRenewMs
    if (!isRenewalDue && member.tokenOnline >= online) return member
    const tokenSerial = member.tokenSerial + (isRenewalDue ? 1 : 0)
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
