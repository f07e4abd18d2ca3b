import type { ConnectionId } from '@skein/protocol'

/** What a bus hands to the node that holds the connections. */
export interface BusReceiver {
  /** A signal, as the bytes of its frame. False: the connection is not here any more. */
  readonly signal: (to: ConnectionId, frame: Buffer) => boolean
}

/** What has passed between this node and the others since it started; its own probes count too. */
export interface BusTraffic {
  readonly sent: number
  readonly sentBytes: number
  readonly received: number
  /** Those of `sent` that went once more because no answer came. */
  readonly resent: number
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
  readonly forsake: (from: ConnectionId) => void
  /** Resolves when a message to itself came back: a bus can go silently deaf. */
  readonly probe: () => Promise<void>
  readonly traffic: BusTraffic
  readonly close: () => Promise<void>
}
