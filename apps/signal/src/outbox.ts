import type { Duplex } from 'node:stream'

/** Something with a socket that frames are written to. */
export interface Outlet {
  readonly stream: Duplex
  readonly queuedBytes: number
  /** It reads too slowly to be kept. */
  readonly cutOff: () => void
}

/**
 * Gathers what is written to a socket in one turn of the event loop into one system call, and
 * watches how much waits for those that do not read.
 */
export class Outbox {
  readonly #maxQueuedBytes: number
  #written: Outlet[] = []
  readonly #slow = new Set<Outlet>()

  constructor({ maxQueuedBytes }: { readonly maxQueuedBytes: number }) {
    this.#maxQueuedBytes = maxQueuedBytes
  }

  /** To be called before a frame is written. */
  hold(outlet: Outlet): void {
    if (outlet.stream.writableCorked > 0) return
    outlet.stream.cork()
    if (this.#written.push(outlet) === 1) process.nextTick(() => this.#flush())
  }

  /** Bytes that wait for slow clients. */
  get queuedBytes(): number {
    let total = 0
    for (const outlet of this.#slow) {
      const queued = outlet.queuedBytes
      total += queued
      if (queued === 0) this.#slow.delete(outlet)
    }
    return total
  }

  forget(outlet: Outlet): void {
    this.#slow.delete(outlet)
  }

  #flush(): void {
    const written = this.#written
    this.#written = []
    for (const outlet of written) {
      outlet.stream.uncork()
      const queued = outlet.queuedBytes
      if (queued > this.#maxQueuedBytes) outlet.cutOff()
      else if (queued > 0) this.#slow.add(outlet)
    }
  }
}
