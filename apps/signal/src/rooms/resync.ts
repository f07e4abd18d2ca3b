import { type ConnectionId, closeCodes, errorMessage, type PeerId } from '@skein/protocol'
import { type Room, type RoomEffect, type RoomInput, resendWelcome } from '@skein/protocol/room'
import { connectionsOf } from '../backbone/store/store.ts'

/** A connection of this node that is in a room or has asked to join it. */
export interface Attachment {
  readonly room: string
  readonly connection: ConnectionId
  readonly peer: PeerId
  /** Whether it has received its welcome. */
  readonly isMember: boolean
}

export interface Resync {
  /** For connections of this node. */
  readonly effects: readonly RoomEffect[]
  /** Lost connections that the room does not know of yet. */
  readonly inputs: readonly RoomInput[]
}

/**
 * Works out how to get this node back in sync after it lost updates of a room. Members get a new
 * welcome, connections that are no longer in the room are closed, and the room learns of
 * connections that are gone.
 */
export const planResync = ({
  room,
  attached,
  isHere,
}: {
  readonly room: Room | null
  readonly attached: readonly Attachment[]
  readonly isHere: (connection: ConnectionId) => boolean
}): Resync => {
  const open = new Set(attached.map(({ connection }) => connection))
  const inRoom = new Set(connectionsOf(room))
  const welcomes = room === null ? [] : resendWelcome(room, (connection) => open.has(connection))
  const strays = attached.filter(({ connection }) => !inRoom.has(connection))
  return {
    effects: [...welcomes, ...strays.map((stray) => rejectStray(stray, room))],
    inputs: unreportedLosses(room, { isHere, has: (connection) => open.has(connection) }),
  }
}

/** Losses of connections that the room lists at this node and that this node does not have. */
export const unreportedLosses = (
  room: Room | null,
  { isHere, has }: { readonly isHere: ConnectionTest; readonly has: ConnectionTest },
): readonly RoomInput[] =>
  connectionsOf(room)
    .filter((connection) => isHere(connection) && !has(connection))
    .map((connection) => ({ type: 'lost', connection, id: null }))

type ConnectionTest = (connection: ConnectionId) => boolean

const rejectStray = ({ connection, peer, isMember }: Attachment, room: Room | null): RoomEffect => {
  if (!isMember) {
    const message = errorMessage({ code: 'overloaded', retryAfterMs: 1_000, about: 'join' })
    return { type: 'refuse', to: connection, message }
  }
  const isElsewhere = room?.members.some(({ id, online }) => id === peer && online) ?? false
  const code = isElsewhere ? closeCodes.superseded : closeCodes.goingAway
  return { type: 'close', connection, code }
}
