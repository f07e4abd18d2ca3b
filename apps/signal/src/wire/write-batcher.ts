import type { Duplex } from 'node:stream'

/** The destination of frames. */
export interface Outlet {
  readonly stream: Duplex
  /** Called when the client reads too slowly and is to be closed. */
  readonly cutOff: () => void
}

/**
 * Coalesces all writes to a socket within one turn into one system call, which halves the cost of a
 * relay. A turn is the processing of one incoming chunk. (Batching over a whole turn of the event
 * loop would coalesce more, but the extra poll costs more than it saves.) Also tracks how much is
 * queued for clients that do not read.
 */
export class WriteBatcher {
  readonly #maxQueuedBytes: number
  readonly #slow = new Set<Outlet>()
  #written: Outlet[] = []

  constructor({ maxQueuedBytes }: { readonly maxQueuedBytes: number }) {
    this.#maxQueuedBytes = maxQueuedBytes
  }

  write(outlet: Outlet, frame: Buffer): void {
    const { stream } = outlet
    if (stream.writableCorked === 0) {
      stream.cork()
      if (this.#written.push(outlet) === 1) process.nextTick(flush, this)
    }
    stream.write(frame)
  }

  /** Bytes queued for slow clients. */
  get queuedBytes(): number {
    let total = 0
    for (const outlet of this.#slow) {
      const queued = outlet.stream.writableLength
      total += queued
      if (queued === 0) this.#slow.delete(outlet)
    }
    return total
  }

  /** Drops the clients with the most queued bytes until at most `maxBytes` are queued in total. */
  shed(maxBytes: number): void {
    let total = this.queuedBytes
    if (total <= maxBytes) return
    const queued = [...this.#slow].map((outlet) => ({
      outlet,
      bytes: outlet.stream.writableLength,
    }))
    for (const { outlet, bytes } of queued.toSorted((a, b) => b.bytes - a.bytes)) {
      if (total <= maxBytes) return
      total -= bytes
      outlet.cutOff()
      // The client would not read a closing handshake either; this frees its queue at once.
      outlet.stream.destroy()
    }
  }

  /** Stops tracking a closed socket. */
  forget(outlet: Outlet): void {
    this.#slow.delete(outlet)
  }

  /** Writes everything that was batched in this turn. */
  endTurn(): void {
    const written = this.#written
    this.#written = []
    for (const outlet of written) {
      const { stream } = outlet
      stream.uncork()
      const queued = stream.writableLength
      if (queued > this.#maxQueuedBytes) outlet.cutOff()
      else if (queued > 0 && !stream.destroyed) this.#slow.add(outlet)
    }
  }
}

const flush = (batcher: WriteBatcher): void => batcher.endTurn()
