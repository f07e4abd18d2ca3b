import type { Millis } from '@skein/protocol'

/** A connection whose socket can be left unread for a while. */
export interface PausableRead {
  readonly pauseReading: () => void
  readonly resumeReading: () => void
}

/**
 * The connections that are not read now, because they or their address sent too much. What they send
 * waits in the network: nothing is lost, and it costs the server nothing.
 */
export class ReadPauses {
  readonly #until = new Map<PausableRead, Millis>()

  /** Starts a pause; prolongs it if there is one. */
  pause(connection: PausableRead, until: Millis): void {
    const current = this.#until.get(connection)
    if (current === undefined) connection.pauseReading()
    this.#until.set(connection, Math.max(until, current ?? until))
  }

  has(connection: PausableRead): boolean {
    return this.#until.has(connection)
  }

  /** Ends a pause, if there is one. */
  end(connection: PausableRead): void {
    if (this.#until.delete(connection)) connection.resumeReading()
  }

  /** Ends the pauses that are over. */
  check(now: Millis): void {
    for (const [connection, until] of this.#until) if (until <= now) this.end(connection)
  }
}
