/** As many messages as this are shown at once, to allow for a burst after a pause of the network. */
const burst = 20

/** More than people type, and few enough to follow. */
const shownPerSecond = 5

/** When nothing was left out for this long, the flood is over: the next one is reported anew. */
const quietMs = 10_000

/** `report`: the first message of a flood that is left out. The page says so once. */
type Verdict = 'show' | 'report' | 'leave-out'

interface Allowance {
  messages: number
  at: number
  leftOutAt: number | null
}

/** Limits how many messages of each peer the chat shows. A peer may send as fast as it likes. */
export class FloodFilter {
  readonly #allowances = new Map<string, Allowance>()

  /** Judges a message that arrived from a peer at this time, in ms. */
  judge(from: string, now: number): Verdict {
    const allowance = this.#refill(from, now)
    if (allowance.messages >= 1) {
      allowance.messages -= 1
      return 'show'
    }
    const isKnown = allowance.leftOutAt !== null && now - allowance.leftOutAt < quietMs
    allowance.leftOutAt = now
    return isKnown ? 'leave-out' : 'report'
  }

  /** The peer has left. */
  forget(from: string): void {
    this.#allowances.delete(from)
  }

  #refill(from: string, now: number): Allowance {
    const allowance = this.#allowances.get(from) ?? { messages: burst, at: now, leftOutAt: null }
    const earned = ((now - allowance.at) / 1_000) * shownPerSecond
    allowance.messages = Math.min(burst, allowance.messages + earned)
    allowance.at = now
    this.#allowances.set(from, allowance)
    return allowance
  }
}
