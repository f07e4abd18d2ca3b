import type { Millis } from '@skein/protocol'
import type { Tuning } from '../settings/tuning.ts'

/**
 * When a client was last heard of, and what follows from it. All times are by the clock of the
 * heartbeat, which stands still while this process does.
 */
export class Liveness {
  isHost = false
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
    return this.isHost && now - Math.max(this.#seenAt, this.#pingedAt) >= hostPingMs
  }

  /** Whether the client counts as lost. */
  isLost({ lostAfterMs, hostLostAfterMs, hostCheckMs }: Tuning, now: Millis): boolean {
    // A frame that was read right after the process stood still has a time in the future.
    this.#seenAt = Math.min(this.#seenAt, now)
    if (this.#isDoubted() && now - (this.#doubtedAt ?? now) >= hostCheckMs) return true
    return now - this.#seenAt >= (this.isHost ? hostLostAfterMs : lostAfterMs)
  }

  #isDoubted(): boolean {
    if (this.#doubtedAt !== null && this.#seenAt >= this.#doubtedAt) this.#doubtedAt = null
    return this.#doubtedAt !== null
  }
}
