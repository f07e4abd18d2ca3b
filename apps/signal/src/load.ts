import { totalmem } from 'node:os'
import type { Millis } from '@skein/protocol'

export interface LoadLimits {
  /** The event loop is late when its turns take longer, one after the other. */
  readonly maxLagMs: Millis
  /** Of the memory that the process may use. */
  readonly maxMemoryShare: number
}

/** How hard the server has it, as far as it decides whether newcomers are turned away. */
export class Load {
  readonly #limits: LoadLimits
  #lateBeats = 0
  #memoryShare = 0

  constructor(limits: LoadLimits) {
    this.#limits = limits
  }

  /** The event loop has been late for a while. One stall, however long, is over when it is noticed. */
  get isLate(): boolean {
    return this.#lateBeats >= lateBeats
  }

  get isShortOfMemory(): boolean {
    return this.#memoryShare > this.#limits.maxMemoryShare
  }

  /** Each beat of the pulse says how late it came. */
  beat(lagMs: Millis): void {
    this.#lateBeats = lagMs > this.#limits.maxLagMs ? this.#lateBeats + 1 : 0
  }

  /** A system call: not for each newcomer. */
  measureMemory(): void {
    this.#memoryShare = process.memoryUsage.rss() / memoryLimitBytes
  }
}

const lateBeats = 4

/** What the machine has, or what a container or systemd leaves of it. */
export const memoryLimitBytes: number = Math.min(
  totalmem(),
  // 0 or a huge number where there is no limit.
  process.constrainedMemory() || Number.POSITIVE_INFINITY,
)
