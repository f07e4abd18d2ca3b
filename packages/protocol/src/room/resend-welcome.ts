import type { ConnectionId } from '../ids.ts'
import type { Room, RoomEffect } from './room.ts'
import { welcomeOf } from './step-context.ts'
import { claimsOf } from './tokens.ts'

/**
 * The whole truth for members of whom nobody knows what they have heard. Changes nothing; those
 * whom `isMeant` does not name get nothing.
 */
export const resendWelcome = (
  room: Room,
  isMeant: (connection: ConnectionId) => boolean,
): readonly RoomEffect[] =>
  room.members.flatMap((member) => {
    const { connection } = member
    if (connection === null || !isMeant(connection)) return []
    const message = welcomeOf(room, { self: member, isResumed: true })
    return [{ type: 'welcome', to: connection, message, claims: claimsOf(room, member) }]
  })
