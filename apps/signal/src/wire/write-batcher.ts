import type { Duplex } from 'node:stream'

/** Something with a socket that frames are written to. */
export interface Outlet {
  readonly stream: Duplex
  /** It reads too slowly to be kept. */
  readonly cutOff: () => void
}

/**
 * What is written to a socket in one turn leaves it in one system call, which is half the cost of a
 * relay. A turn is what one piece of incoming data brings about. (Turns of the whole event loop
 * gather more, but an extra poll for each costs more than that saves.) Also watches how much waits
 * for those that do not read.
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

  /** Bytes that wait for slow clients. */
  get queuedBytes(): number {
    let total = 0
    for (const outlet of this.#slow) {
      const queued = outlet.stream.writableLength
      total += queued
      if (queued === 0) this.#slow.delete(outlet)
    }
    return total
  }

  /** Drops those for whom most waits until no more than that waits for all together. */
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
      // It would not read a closing handshake either, and what waits is to be free now.
      outlet.stream.destroy()
    }
  }

  forget(outlet: Outlet): void {
    this.#slow.delete(outlet)
  }

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

const flush = (outbox: WriteBatcher): void => outbox.endTurn()
