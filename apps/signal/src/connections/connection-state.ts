import type { ConnectionId, PeerId } from '@skein/protocol'
import type { Attachment } from '../rooms/resync.ts'

/** The member that sends a signal. */
export interface SignalSender {
  readonly connection: ConnectionId
  readonly room: string
  readonly self: PeerId
}

/** What is known of a connection by its room. */
export interface Attachable {
  readonly id: ConnectionId
  /** The room that it is in or is joining; `null` when there is none. */
  readonly attachment: Attachment | null
}

/** The state of a connection. A rejected join leads back to `new`. */
export type State =
  | { readonly name: 'new' }
  /** The token of its join is being checked. */
  | { readonly name: 'checking' }
  | { readonly name: 'joining'; readonly room: string; readonly id: PeerId }
  | { readonly name: 'joined'; readonly sender: SignalSender }
  | { readonly name: 'closing' }

export const newState: State = { name: 'new' }
export const checkingState: State = { name: 'checking' }
export const closingState: State = { name: 'closing' }

/** The room that the connection is in or is joining; `null` when there is none. */
export const attachmentOf = (connection: ConnectionId, state: State): Attachment | null => {
  switch (state.name) {
    case 'joined': {
      const { room, self } = state.sender
      return { room, connection, peer: self, isMember: true }
    }
    case 'joining':
      return { room: state.room, connection, peer: state.id, isMember: false }
    case 'new':
    case 'checking':
    case 'closing':
      return null
  }
}

/** The name of that room. */
export const roomOf = (state: State): string | null => {
  if (state.name === 'joined') return state.sender.room
  return state.name === 'joining' ? state.room : null
}
