import { type ConnectionId, closeCodes, errorMessage, type PeerId } from '@skein/protocol'
import { type Room, type RoomEffect, type RoomInput, resendWelcome } from '@skein/protocol/room'
import { connectionsOf } from '../backbone/store/store.ts'

/** A connection of this node that is in a room, or waits to be. */
export interface Attachment {
  readonly room: string
  readonly connection: ConnectionId
  readonly peer: PeerId
  /** Whether it has had its welcome. */
  readonly isMember: boolean
}

export interface Resync {
  /** For connections of this node. */
  readonly effects: readonly RoomEffect[]
  /** What the room does not know yet. */
  readonly inputs: readonly RoomInput[]
}

/**
 * News of a room were lost on their way here. The room as it is, and the connections that this node
 * has, say what is to be done: who is a member is told the whole truth, who is none any more has to
 * come anew, and of whose socket is gone the room learns.
 */
export const resyncOf = ({
  room,
  attached,
  isHere,
}: {
  readonly room: Room | null
  readonly attached: readonly Attachment[]
  readonly isHere: (connection: ConnectionId) => boolean
}): Resync => {
  const present = new Set(attached.map(({ connection }) => connection))
  const known = new Set(connectionsOf(room))
  const welcomes = room === null ? [] : resendWelcome(room, (connection) => present.has(connection))
  const strays = attached.filter(({ connection }) => !known.has(connection))
  return {
    effects: [...welcomes, ...strays.map((stray) => sendAway(stray, room))],
    inputs: orphansOf(room, { isHere, has: (connection) => present.has(connection) }),
  }
}

/** Losses that the room does not know of: sockets that are said to be here, and are not. */
export const orphansOf = (
  room: Room | null,
  { isHere, has }: { readonly isHere: Test; readonly has: Test },
): readonly RoomInput[] =>
  connectionsOf(room)
    .filter((connection) => isHere(connection) && !has(connection))
    .map((connection) => ({ type: 'lost', connection, id: null }))

type Test = (connection: ConnectionId) => boolean

const sendAway = ({ connection, peer, isMember }: Attachment, room: Room | null): RoomEffect => {
  if (!isMember) {
    const message = errorMessage({ code: 'overloaded', retryAfterMs: 1_000, about: 'join' })
    return { type: 'refuse', to: connection, message }
  }
  const isElsewhere = room?.members.some(({ id, online }) => id === peer && online) ?? false
  const code = isElsewhere ? closeCodes.superseded : closeCodes.goingAway
  return { type: 'close', connection, code }
}
