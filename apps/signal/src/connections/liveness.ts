import type { Millis } from '@skein/protocol'
import type { Tuning } from '../settings/tuning.ts'

/**
 * When a client was last heard of, and what follows from it. All times are by the clock of the
 * heartbeat, which stands still while this process does.
 */
export class Liveness {
  /** Since when the client is host; `null` while it is not. */
  #hostSince: Millis | null = null
  #seenAt: Millis
  #pingedAt: Millis
  /** When another member said that it cannot reach this one; `null` once that is settled. */
  #doubtedAt: Millis | null = null

  constructor(now: Millis) {
    this.#seenAt = now
    this.#pingedAt = now
  }

  seen(now: Millis): void {
    this.#seenAt = now
  }

  /** A member that becomes host may have been silent for longer than a host may be. */
  hostChanged(isHost: boolean, now: Millis): void {
    this.#hostSince = isHost ? (this.#hostSince ?? now) : null
  }

  pinged(now: Millis): void {
    this.#pingedAt = now
  }

  /** Another member cannot reach this one. Returns whether it must be pinged. */
  doubt({ hostCheckMs }: Tuning, now: Millis): boolean {
    if (this.#isDoubted() || now - this.#seenAt < hostCheckMs) return false
    this.#doubtedAt = now
    return true
  }

  isPingDue({ pingEveryMs, hostPingMs }: Tuning, now: Millis): boolean {
    if (now - this.#pingedAt >= pingEveryMs) return true
    const isHost = this.#hostSince !== null
    return isHost && now - Math.max(this.#seenAt, this.#pingedAt) >= hostPingMs
  }

  /** Whether the client counts as lost. */
  isLost({ lostAfterMs, hostLostAfterMs, hostCheckMs }: Tuning, now: Millis): boolean {
    // A frame that was read right after the process stood still has a time in the future.
    this.#seenAt = Math.min(this.#seenAt, now)
    if (this.#isDoubted() && now - (this.#doubtedAt ?? now) >= hostCheckMs) return true
    if (now - this.#seenAt >= lostAfterMs) return true
    if (this.#hostSince === null) return false
    // Its silence as a guest does not count.
    return now - Math.max(this.#seenAt, this.#hostSince) >= hostLostAfterMs
  }

  #isDoubted(): boolean {
    if (this.#doubtedAt !== null && this.#seenAt >= this.#doubtedAt) this.#doubtedAt = null
    return this.#doubtedAt !== null
  }
}
