import type { Duplex } from 'node:stream'

/** Something with a socket that frames are written to. */
export interface Outlet {
  readonly stream: Duplex
  /** The turn in which it was last written to. */
  writtenIn: number
  /** It reads too slowly to be kept. */
  readonly cutOff: () => void
}

/**
 * The first frame to a socket in a turn goes at once, those that follow go together at the end of
 * the turn, in one system call. A turn is what one piece of incoming data brings about. (Turns of
 * the whole event loop gather more, but an extra poll for each costs more than that saves.) Also
 * watches how much waits for those that do not read.
 */
export class Outbox {
  readonly #maxQueuedBytes: number
  readonly #slow = new Set<Outlet>()
  #written: Outlet[] = []
  #turn = 1

  constructor({ maxQueuedBytes }: { readonly maxQueuedBytes: number }) {
    this.#maxQueuedBytes = maxQueuedBytes
  }

  write(outlet: Outlet, frame: Buffer): void {
    const { stream } = outlet
    if (outlet.writtenIn !== this.#turn) {
      outlet.writtenIn = this.#turn
      if (this.#written.push(outlet) === 1) process.nextTick(flush, this)
    } else if (stream.writableCorked === 0) stream.cork()
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

  forget(outlet: Outlet): void {
    this.#slow.delete(outlet)
  }

  endTurn(): void {
    const written = this.#written
    this.#written = []
    this.#turn += 1
    for (const outlet of written) {
      const { stream } = outlet
      if (stream.writableCorked > 0) stream.uncork()
      const queued = stream.writableLength
      if (queued > this.#maxQueuedBytes) outlet.cutOff()
      else if (queued > 0 && !stream.destroyed) this.#slow.add(outlet)
    }
  }
}

const flush = (outbox: Outbox): void => outbox.endTurn()
