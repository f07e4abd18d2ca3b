import type { Millis } from '@skein/protocol'
import { errorFields, type Log } from '../telemetry/log.ts'

export interface MaintenanceLoopOptions {
  readonly everyMs: Millis
  /** Asks the store for its identity. */
  readonly checkStore: () => Promise<void>
  /** Renews the lease of this node and checks the leases of the others. */
  readonly renewLease: () => Promise<void>
  /** Called after each attempt to renew the lease, successful or not. */
  readonly onLeaseAttempt: () => void
  /** Rejects when a message that this node sends to itself does not arrive. */
  readonly probeInbox: () => Promise<void>
  /** Called when `probeInbox` rejected. */
  readonly onInboxSilent: () => void
  readonly log: Log
}

/** What a node does every few seconds: check the store, renew its lease, probe its inbox. */
export class MaintenanceLoop {
  readonly #options: MaintenanceLoopOptions
  readonly #timer: NodeJS.Timeout
  #currentRound: Promise<void> | null = null
  #isFailing = false

  constructor(options: MaintenanceLoopOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.runNow(), options.everyMs)
    this.#timer.unref()
  }

  /** Runs a round now, or joins the one that is running. Resolves at its end, also if it failed. */
  runNow(): Promise<void> {
    this.#currentRound ??= this.#runRound().finally(() => {
      this.#currentRound = null
    })
    return this.#currentRound
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #runRound(): Promise<void> {
    const { checkStore, renewLease, onLeaseAttempt, probeInbox, onInboxSilent, log } = this.#options
    try {
      await checkStore()
      await renewLease()
      this.#isFailing = false
    } catch (error) {
      this.#logFailure(error)
      return
    } finally {
      onLeaseAttempt()
    }
    try {
      await probeInbox()
    } catch (error) {
      log.warn(errorFields(error), 'inbox silent; resubscribing')
      onInboxSilent()
    }
  }

  /** Warns at the first failure; logs the following ones at level debug. */
  #logFailure(error: unknown): void {
    const { log } = this.#options
    // A round sends no client data, so the message of an error cannot quote any.
    const fields = { ...errorFields(error), reason: error instanceof Error ? error.message : '' }
    if (this.#isFailing) log.debug(fields, 'store unavailable')
    else log.warn(fields, 'store unavailable')
    this.#isFailing = true
  }
}
