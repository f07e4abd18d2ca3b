import type { Millis } from '@skein/protocol'

/** Someone who has to say something soon. */
export interface HasJoinDeadline {
  readonly missDeadline: () => void
}

/**
 * Waits for first frames. All wait equally long, so they stand in a queue: looking at its head is
 * enough, and nobody needs a timer.
 */
export class JoinDeadlines<Item extends HasJoinDeadline> {
  readonly #waitMs: Millis
  readonly #deadlines = new Map<Item, Millis>()

  constructor({ waitMs }: { readonly waitMs: Millis }) {
    this.#waitMs = waitMs
  }

  add(item: Item, now: Millis): void {
    this.#deadlines.delete(item)
    this.#deadlines.set(item, now + this.#waitMs)
  }

  delete(item: Item): void {
    this.#deadlines.delete(item)
  }

  get size(): number {
    return this.#deadlines.size
  }

  /** Tells those whose time is over. */
  check(now: Millis): void {
    for (const [item, deadline] of this.#deadlines) {
      if (deadline > now) return
      this.#deadlines.delete(item)
      item.missDeadline()
    }
  }
}
