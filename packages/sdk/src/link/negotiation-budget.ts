import type { Millis } from '@skein/protocol'
import * as limits from './limits.ts'

/** Bounds the candidates and descriptions that a peer may send, and the addresses in them. */
export class NegotiationBudget {
  /** How many came since then, and their addresses. */
  #messages = 0
  readonly #addresses = new Set<string>()
  #since: Millis = 0

  /** Whether the peer may send one more message with these addresses. */
  allows(addresses: readonly string[], now: Millis): boolean {
    if (now - this.#since >= limits.negotiationMs) {
      this.#since = now
      this.#messages = 0
      this.#addresses.clear()
    }
    this.#messages += 1
    for (const address of addresses) this.#addresses.add(address)
    const hasFewAddresses = this.#addresses.size <= limits.maxAddresses
    return this.#messages <= limits.maxNegotiation && hasFewAddresses
  }
}
