import type { ConnectionId } from '@skein/protocol'
import type { BusTraffic } from '../../telemetry/backbone-metrics.ts'

/** Sent in place of a signal: the receiving node checks at once whether that connection is alive. */
export const checkFrame: Buffer = Buffer.alloc(0)

/** Receives signals on the node that holds their connections. */
export interface BusReceiver {
  /** Delivers a signal, as the bytes of its frame. Returns false if the connection is gone. */
  readonly signal: (to: ConnectionId, frame: Buffer) => boolean
}

/**
 * Carries signals to the node of a connection. Every implementation passes `bus.conformance.ts`.
 */
export interface Bus {
  /** Sets the receiver; called once, before the first signal is sent. */
  readonly subscribe: (receiver: BusReceiver) => void
  /**
   * Sends a signal. Signals from one connection to another arrive in order, each once. Resolves to
   * false when the signal was not delivered.
   */
  readonly signal: (
    to: ConnectionId,
    frame: Buffer,
    from: ConnectionId,
  ) => boolean | Promise<boolean>
  /**
   * Stops retransmits for a connection that has ended. Its member may already have resumed through
   * another node, and older signals must not arrive after newer ones.
   */
  readonly cancelRetransmits: (from: ConnectionId) => void
  /** Resolves when a message to this node itself arrived: a subscription can fail silently. */
  readonly probe: () => Promise<void>
  readonly traffic: BusTraffic
  readonly close: () => Promise<void>
}
