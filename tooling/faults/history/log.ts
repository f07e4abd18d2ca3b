import type { ClientMessage, Millis, ServerMessage } from '@skein/protocol'

/** What happened on one connection of a client, as the client saw it. */
export type Happening =
  | { readonly type: 'connecting'; readonly node: string }
  | { readonly type: 'sent'; readonly message: ClientMessage }
  | { readonly type: 'heard'; readonly message: ServerMessage }
  /** A frame that is not of the protocol. */
  | { readonly type: 'garbled'; readonly text: string }
  /** The client listens to this connection no more. */
  | { readonly type: 'given-up'; readonly why: 'misstep' | 'silence' | 'replaced' | 'refused' }
  | { readonly type: 'closed'; readonly code: number }

/** A happening with its time and the number of its connection; a client counts them from 1. */
export type Entry = Happening & { readonly at: Millis; readonly connection: number }

/** All that one client sent and heard, in order; times are of a clock that all clients share. */
export interface ClientLog {
  readonly name: string
  readonly room: string
  readonly entries: readonly Entry[]
}
