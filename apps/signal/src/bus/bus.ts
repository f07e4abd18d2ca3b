import type { ConnectionId } from '@skein/protocol'
import type { RoomEffect } from '@skein/protocol/room'

/** What a bus hands to the node that holds the connections. */
export interface BusReceiver {
  /** Effects of one committed change of one room, in order. */
  readonly effects: (effects: readonly RoomEffect[]) => void
  /** A signal, as the bytes of its frame. False: the connection is not here any more. */
  readonly signal: (to: ConnectionId, frame: Buffer) => boolean
}

/** Carries what a room decided to the nodes concerned. Every implementation passes `bus.conformance.ts`. */
export interface Bus {
  /** Whom to hand things to; set once, before anything is published. */
  readonly subscribe: (receiver: BusReceiver) => void
  /** What goes to one connection arrives in the order it was published. */
  readonly publish: (effects: readonly RoomEffect[]) => void
  /** Resolves to false when nobody took the signal: its receiver cannot be reached. */
  readonly signal: (to: ConnectionId, frame: Buffer) => boolean | Promise<boolean>
  /** Resolves when a message to itself came back: a bus can go silently deaf. */
  readonly probe: () => Promise<void>
  readonly close: () => Promise<void>
}
