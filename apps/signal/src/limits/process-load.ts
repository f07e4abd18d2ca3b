import { totalmem } from 'node:os'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Millis } from '@skein/protocol'

export interface LoadLimits {
  /** The event loop is late when its turns take longer, one after the other. */
  readonly maxLagMs: Millis
  /** Of the memory that the process may use. */
  readonly maxMemoryShare: number
}

/** How hard the server has it, as far as it decides whether newcomers are turned away. */
export class ProcessLoad {
  readonly #limits: LoadLimits
  #lateBeats = 0
  #memoryShare = 0
  #collectedAt = Number.NEGATIVE_INFINITY

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

  /** Each beat of the ticker says how late it came. */
  noteLag(lagMs: Millis): void {
    this.#lateBeats = lagMs > this.#limits.maxLagMs ? this.#lateBeats + 1 : 0
  }

  /**
   * A system call: not for each newcomer. What a storm left behind is found out by a collection: V8
   * makes none while little happens, and who turns newcomers away has little to do.
   */
  measureMemory(now: Millis): void {
    this.#memoryShare = shareInUse()
    if (!this.isShortOfMemory || now - this.#collectedAt < betweenCollectionsMs) return
    this.#collectedAt = now
    collectGarbage()
    this.#memoryShare = shareInUse()
  }
}

/** It stops everything for some tenths of a second; where memory is in use it helps nothing. */
const betweenCollectionsMs: Millis = 60_000

/**
 * Resident memory without what V8 holds and does not use: after a storm V8 gives pages back only
 * where nothing on them is alive, but the next storm is served from them. Pages that V8 has asked
 * for and never touched are in neither.
 */
const shareInUse = (): number => {
  const { total_physical_size: held, used_heap_size: used } = getHeapStatistics()
  return (process.memoryUsage.rss() - (held - used)) / memoryLimitBytes
}

const lateBeats = 4

/** What the machine has, or what a container or systemd leaves of it. */
export const memoryLimitBytes: number = Math.min(
  totalmem(),
  // 0 or a huge number where there is no limit.
  process.constrainedMemory() || Number.POSITIVE_INFINITY,
)

/** A whole collection, now: the event loop waits for it, some 0.1 s for each 100 MB in use. */
const collectGarbage = (): void => {
  // Only a context that is made while the flag is set has the function.
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect === 'function') collect()
}
