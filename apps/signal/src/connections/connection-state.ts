import type { ConnectionId, PeerId } from '@skein/protocol'
import type { Attachment } from '../rooms/resync.ts'

/** Who sends a signal. */
export interface SignalSender {
  readonly connection: ConnectionId
  readonly room: string
  readonly self: PeerId
}

/** Where a connection stands. A refused join leads back to `new`. */
export type State =
  | { readonly name: 'new' }
  /** Its token is looked at. */
  | { readonly name: 'checking' }
  | { readonly name: 'joining'; readonly room: string; readonly id: PeerId }
  | { readonly name: 'joined'; readonly sender: SignalSender }
  | { readonly name: 'closing' }

export const isNew: State = { name: 'new' }
export const isChecking: State = { name: 'checking' }
export const isClosing: State = { name: 'closing' }

/** The room it is in or waits for; `null` when there is none. */
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
