import type { ClientMessage, Millis, ServerMessage } from '@skein/protocol'

/** What happened on a connection, as its client saw it. */
export type LogEvent =
  | { readonly type: 'connecting'; readonly node: string }
  | { readonly type: 'sent'; readonly message: ClientMessage }
  | { readonly type: 'received'; readonly message: ServerMessage }
  /** A frame that is not a valid message. */
  | { readonly type: 'invalid-frame'; readonly text: string }
  /** The client stopped using this connection. */
  | { readonly type: 'given-up'; readonly why: 'out-of-sync' | 'silence' | 'replaced' | 'refused' }
  | { readonly type: 'closed'; readonly code: number }

/** An event with its time and the number of its connection; each client counts from 1. */
export type Entry = LogEvent & { readonly at: Millis; readonly connection: number }

/** Everything that a client sent and received, in order. All clients share one clock. */
export interface ClientLog {
  readonly name: string
  readonly room: string
  readonly entries: readonly Entry[]
}
