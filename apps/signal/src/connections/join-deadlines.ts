import type { Millis } from '@skein/protocol'

/** Something that must send a join in time. */
export interface HasJoinDeadline {
  readonly joinTimedOut: () => void
}

/**
 * Deadlines for the join of new connections. All wait equally long, so they form a queue: checking
 * its head is enough, and no connection needs a timer.
 */
export class JoinDeadlines<Item extends HasJoinDeadline> {
  readonly #waitMs: Millis
  readonly #deadlines = new Map<Item, Millis>()

  constructor({ waitMs }: { readonly waitMs: Millis }) {
    this.#waitMs = waitMs
  }

  /** Starts the deadline of an item; restarts it if it is running. */
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

  /** Removes and notifies the items whose deadline has passed. */
  check(now: Millis): void {
    for (const [item, deadline] of this.#deadlines) {
      if (deadline > now) return
      this.#deadlines.delete(item)
      item.joinTimedOut()
    }
  }
}
