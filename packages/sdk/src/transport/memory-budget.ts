/** What the messages of one peer take in this page: unfinished, unread, or for unopened channels. */
export interface MemoryAccount {
  /** In bytes, without Blobs: browsers keep those on disk if they are large. */
  held: number
  /** Ends the link to the peer. */
  readonly evict: () => void
}

/**
 * One limit for all peers of a room. Each one has limits of its own, which many together would
 * multiply. Beyond it the peer that holds most has to go, so that the others are not affected.
 */
export class MemoryBudget {
  readonly #accounts = new Set<MemoryAccount>()
  readonly #limit: number
  #held = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  open(evict: () => void): MemoryAccount {
    const account = { held: 0, evict }
    this.#accounts.add(account)
    return account
  }

  /** A negative number frees bytes. */
  hold(account: MemoryAccount, bytes: number): void {
    if (!this.#accounts.has(account)) return
    account.held += bytes
    this.#held += bytes
    if (this.#held <= this.#limit) return
    const [largest = account] = [...this.#accounts].sort((one, other) => other.held - one.held)
    this.close(largest)
    // Not in the middle of a frame.
    queueMicrotask(largest.evict)
  }

  close(account: MemoryAccount): void {
    if (this.#accounts.delete(account)) this.#held -= account.held
  }
}
