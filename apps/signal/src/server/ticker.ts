import type { Millis } from '@skein/protocol'

/** The inputs of a `Ticker`. */
export interface TickerOptions {
  readonly everyMs: Millis
  /** `tick` counts up; `lagMs`: how late this tick was. */
  readonly onTick: (tick: number, lagMs: Millis) => void
}

/** The periodic timer of a server; also measures the lag of the event loop. */
export class Ticker {
  readonly #everyMs: Millis
  readonly #timer: NodeJS.Timeout
  #tickedAt = performance.now()
  /** The maxima of the last two windows, so that a check some seconds later still sees a peak. */
  #lags: readonly [Millis, Millis] = [0, 0]
  #tick = 0

  constructor({ everyMs, onTick }: TickerOptions) {
    this.#everyMs = everyMs
    this.#timer = setInterval(() => {
      const lagMs = this.#measure()
      this.#tick += 1
      onTick(this.#tick, lagMs)
    }, everyMs)
    this.#timer.unref()
  }

  /** The maximum lag of the event loop in the last seconds, including right now. */
  get lagMs(): Millis {
    return Math.max(...this.#lags, this.#currentLag())
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #measure(): Millis {
    const lag = this.#currentLag()
    this.#tickedAt = performance.now()
    const [older, newer] = this.#lags
    const isNewWindow = this.#tick % ticksPerWindow === 0
    this.#lags = isNewWindow ? [newer, lag] : [older, Math.max(newer, lag)]
    return lag
  }

  #currentLag(): Millis {
    return Math.max(0, performance.now() - this.#tickedAt - this.#everyMs)
  }
}

const ticksPerWindow = 50
