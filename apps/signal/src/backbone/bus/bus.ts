import type { ConnectionId } from '@skein/protocol'
import type { BusTraffic } from '../../telemetry/backbone-metrics.ts'

/** What a bus hands to the node that holds the connections. */
export interface BusReceiver {
  /** A signal, as the bytes of its frame. False: the connection is not here any more. */
  readonly signal: (to: ConnectionId, frame: Buffer) => boolean
}

/** Carries signals to the node that holds a connection. Every implementation passes `bus.conformance.ts`. */
export interface Bus {
  /** Whom to hand signals to; set once, before the first is sent. */
  readonly subscribe: (receiver: BusReceiver) => void
  /**
   * From one connection to another they arrive in the order sent, each once. Resolves to false when
   * nobody took it: its receiver cannot be reached.
   */
  readonly signal: (
    to: ConnectionId,
    frame: Buffer,
    from: ConnectionId,
  ) => boolean | Promise<boolean>
  /**
   * That connection has ended. What it sent and was lost is not sent again: its member may be back
   * by another node, and no word may come after later ones.
   */
  readonly cancelRetransmits: (from: ConnectionId) => void
  /** Resolves when a message to itself came back: a bus can go silently deaf. */
  readonly probe: () => Promise<void>
  readonly traffic: BusTraffic
  readonly close: () => Promise<void>
}
