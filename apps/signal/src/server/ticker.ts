import type { Millis } from '@skein/protocol'

export interface TickerOptions {
  readonly everyMs: Millis
  /** `lagMs`: how late this beat came. */
  readonly onTick: (turn: number, lagMs: Millis) => void
}

/** The one steady timer of a server; it also tells how late the event loop is. */
export class Ticker {
  readonly #everyMs: Millis
  readonly #timer: NodeJS.Timeout
  #beatAt = performance.now()
  /** The worst of the last windows, so that one look a few seconds later still sees it. */
  #lags: readonly [Millis, Millis] = [0, 0]
  #turn = 0

  constructor({ everyMs, onTick }: TickerOptions) {
    this.#everyMs = everyMs
    this.#timer = setInterval(() => {
      const lagMs = this.#measure()
      this.#turn += 1
      onTick(this.#turn, lagMs)
    }, everyMs)
    this.#timer.unref()
  }

  /** How late the event loop was at worst in the last seconds, or is right now. */
  get lagMs(): Millis {
    return Math.max(...this.#lags, this.#lateness())
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #measure(): Millis {
    const lag = this.#lateness()
    this.#beatAt = performance.now()
    const [older, newer] = this.#lags
    const isNewWindow = this.#turn % beatsPerWindow === 0
    this.#lags = isNewWindow ? [newer, lag] : [older, Math.max(newer, lag)]
    return lag
  }

  #lateness(): Millis {
    return Math.max(0, performance.now() - this.#beatAt - this.#everyMs)
  }
}

const beatsPerWindow = 50
