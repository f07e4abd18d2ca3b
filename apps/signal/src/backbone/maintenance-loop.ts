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
  /** Why rounds have failed since the last one that succeeded. */
  readonly #reasons = new Set<string>()

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
      this.#reasons.clear()
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

  /**
   * Warns once for each reason, and logs repeated failures at level debug. The first reason is often
   * that the connection is not open yet, which would hide that Redis then denies a command.
   */
  #logFailure(error: unknown): void {
    const { log } = this.#options
    // A round sends no client data, so the message of an error cannot quote any.
    const reason = error instanceof Error ? error.message : ''
    const fields = { ...errorFields(error), reason }
    if (this.#reasons.has(reason) || this.#reasons.size >= maxReasons) {
      log.debug(fields, 'store unavailable')
      return
    }
    this.#reasons.add(reason)
    log.warn(fields, 'store unavailable')
  }
}

/** Bounds the warnings of one outage, should reasons differ in a detail. */
const maxReasons = 8
