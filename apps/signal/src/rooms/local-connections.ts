import type { ConnectionId } from '@skein/protocol'
import type { RoomEffect } from '@skein/protocol/room'
import type { Attachment } from './resync.ts'

/** The connections of this node, as its rooms see them. */
export interface LocalConnections {
  readonly effects: (effects: readonly RoomEffect[]) => void
  readonly has: (connection: ConnectionId) => boolean
  readonly attachedTo: (room: string) => readonly Attachment[]
  /** All of them have to come anew. */
  readonly closeAll: () => void
}
