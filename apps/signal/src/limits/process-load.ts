import { totalmem } from 'node:os'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Millis } from '@skein/protocol'

/** Above these limits, new connections are turned away. */
export interface LoadLimits {
  /** The event loop is late when several consecutive ticks are later than this. */
  readonly maxLagMs: Millis
  /** Share of the memory limit of the process, from 0 to 1. */
  readonly maxMemoryShare: number
}

/** Measures event loop lag and memory, to decide whether new connections are turned away. */
export class ProcessLoad {
  readonly #limits: LoadLimits
  #lateTicks = 0
  #memoryShare = 0
  #collectedAt = Number.NEGATIVE_INFINITY

  constructor(limits: LoadLimits) {
    this.#limits = limits
  }

  /** Several ticks in a row were late. A single stall, however long, is over when it is noticed. */
  get isLate(): boolean {
    return this.#lateTicks >= lateTickThreshold
  }

  get isShortOfMemory(): boolean {
    return this.#memoryShare > this.#limits.maxMemoryShare
  }

  /** Called on every tick with its lag. */
  noteLag(lagMs: Millis): void {
    this.#lateTicks = lagMs > this.#limits.maxLagMs ? this.#lateTicks + 1 : 0
  }

  /**
   * Measures memory with a system call, so not for each new connection. If memory is short, collects
   * garbage and measures again: V8 does not collect while the process is idle, as it is when it
   * turns everyone away.
   */
  measureMemory(now: Millis): void {
    this.#memoryShare = shareInUse()
    if (!this.isShortOfMemory || now - this.#collectedAt < betweenCollectionsMs) return
    this.#collectedAt = now
    collectGarbage()
    this.#memoryShare = shareInUse()
  }
}

/** A collection blocks for some tenths of a second, and frees nothing if the memory is in use. */
const betweenCollectionsMs: Millis = 60_000

/**
 * Resident memory without the pages that V8 holds but does not use: after a peak, V8 returns a page
 * only when nothing on it is alive, but it reuses these pages for the next peak. Pages that V8
 * requested but never touched are in neither figure.
 */
const shareInUse = (): number => {
  const { total_physical_size: held, used_heap_size: used } = getHeapStatistics()
  return (process.memoryUsage.rss() - (held - used)) / memoryLimitBytes
}

const lateTickThreshold = 4

/** The memory of the machine, or the limit set by a container or systemd. */
export const memoryLimitBytes: number = Math.min(
  totalmem(),
  // 0 or a huge number without a limit.
  process.constrainedMemory() || Number.POSITIVE_INFINITY,
)

/** Runs a full, blocking collection: some 0.1 s per 100 MB in use. */
const collectGarbage = (): void => {
  // Only a context created while the flag is set has `gc`.
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect === 'function') collect()
}
