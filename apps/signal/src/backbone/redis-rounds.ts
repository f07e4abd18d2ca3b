import type { Millis } from '@skein/protocol'
import { errorFields, type Log } from '../telemetry/log.ts'

export interface MaintenanceLoopOptions {
  readonly everyMs: Millis
  /** Looks whose store it is. */
  readonly watch: () => Promise<void>
  /** Says that this node lives, and looks for those that do not. */
  readonly beat: () => Promise<void>
  /** That was tried, well or not. */
  readonly tried: () => void
  /** Whether this node hears what it says to itself. */
  readonly probe: () => Promise<void>
  /** It does not. */
  readonly deaf: () => void
  readonly log: Log
}

/** What a node does every few seconds, whatever happens. */
export class MaintenanceLoop {
  readonly #options: MaintenanceLoopOptions
  readonly #timer: NodeJS.Timeout
  #current: Promise<void> | null = null
  #isFailing = false

  constructor(options: MaintenanceLoopOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.runNow(), options.everyMs)
    this.#timer.unref()
  }

  /** A round now; resolves when it is over, well or not. */
  runNow(): Promise<void> {
    this.#current ??= this.#go().finally(() => {
      this.#current = null
    })
    return this.#current
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #go(): Promise<void> {
    const { watch, beat, tried, probe, deaf, log } = this.#options
    try {
      await watch()
      await beat()
      this.#isFailing = false
    } catch (error) {
      this.#tell(error)
      return
    } finally {
      tried()
    }
    try {
      await probe()
    } catch (error) {
      log.warn(errorFields(error), 'inbox silent; resubscribing')
      deaf()
    }
  }

  /** Aloud once, not in every round. */
  #tell(error: unknown): void {
    const { log } = this.#options
    // A round sends nothing that comes from a client, so no answer to it quotes one.
    const fields = { ...errorFields(error), reason: error instanceof Error ? error.message : '' }
    if (this.#isFailing) log.debug(fields, 'store unavailable')
    else log.warn(fields, 'store unavailable')
    this.#isFailing = true
  }
}
