import type { ConnectionId } from '@skein/protocol'
import type { RoomEffect } from '@skein/protocol/room'
import type { Attachment } from './resync.ts'

/** The connections of this node, as its rooms see them. */
export interface LocalConnections {
  readonly applyEffects: (effects: readonly RoomEffect[]) => void
  readonly has: (connection: ConnectionId) => boolean
  readonly attachmentsTo: (room: string) => readonly Attachment[]
  /** Closes all connections; the clients reconnect. */
  readonly closeAll: () => void
}
