import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import { SkeinError } from '../errors.ts'
import type { Outcome } from './channel.ts'
import { type GiveUpOptions, whenGivenUp } from './give-up.ts'
import type { Message, Outgoing } from './outgoing.ts'
import type { Pipe } from './pipe.ts'

export interface HostSend extends GiveUpOptions {
  readonly message: Message
  /** Whether the promise waits for the host's application. */
  readonly ack: boolean
  /** Where the host is now; `null` while there is none, or no way to it yet. */
  readonly find: () => { readonly peer: PeerId; readonly pipe: Pipe | null } | null
  /** I am the host: hands it to the channel here, which says what became of it. */
  readonly here: (done: (outcome: Outcome) => void) => void
  /** Calls back when the host, or the way to it, may have changed, or all is over; returns its off. */
  readonly watch: (changed: (isClosed: boolean) => void) => () => void
}

/** Follows the role until some host has the message; resolves with who that is. */
export const sendToHost = (options: HostSend): Promise<PeerId> =>
  new Promise((resolve, reject) => new HostAttempt(options, { resolve, reject }).begin())

interface Settle {
  readonly resolve: (peer: PeerId) => void
  readonly reject: (error: SkeinError) => void
}

class HostAttempt {
  readonly #options: HostSend
  readonly #settle: Settle
  readonly #off: () => void
  /** Who said no: not asked again before something has changed. */
  #refused: PeerId | null = null
  #peer: PeerId | null = null
  #withdraw = () => {}
  #isHandedOver = false

  constructor(options: HostSend, settle: Settle) {
    this.#options = options
    this.#settle = settle
    const unwatch = options.watch((isClosed) => {
      if (isClosed) this.#fail(new SkeinError('closed'))
      else this.#changed()
    })
    const offGiveUp = whenGivenUp(options, (error) => {
      this.#withdraw()
      this.#fail(error)
    })
    this.#off = () => {
      unwatch()
      offGiveUp()
    }
  }

  begin(): void {
    const host = this.#options.find()
    if (!host || host.peer === this.#refused) return
    if (host.pipe) this.#send(host.peer, host.pipe)
    else {
      this.#peer = host.peer
      this.#isHandedOver = true
      this.#options.here((outcome) => this.#answered(host.peer, outcome))
      if (!this.#options.ack) this.#done(host.peer)
    }
  }

  #send(peer: PeerId, pipe: Pipe): void {
    this.#peer = peer
    this.#isHandedOver = false
    const item: Outgoing | null = pipe.send(this.#options.message, {
      // Also without `ack`: one who is not host any more says so, and it goes to the next.
      asksAnswer: true,
      accepted: () => {
        this.#isHandedOver = true
        if (!this.#options.ack) this.#settle.resolve(peer)
      },
      settled: (code) => this.#answered(peer, code),
    })
    this.#withdraw = () => item && pipe.cancel(item)
  }

  #changed(): void {
    this.#refused = null
    const host = this.#options.find()
    // What the old host may have is waited for: only its answer tells.
    if (this.#peer !== null && (this.#isHandedOver || host?.peer === this.#peer)) return
    if (this.#peer !== null) this.#withdraw()
    this.#peer = null
    this.begin()
  }

  #answered(peer: PeerId, code: SkeinErrorCode | null): void {
    this.#peer = null
    const mayBeHandled = code !== 'not-host' && this.#isHandedOver && this.#options.ack
    if (code === null) this.#done(peer)
    else if (finalCodes.includes(code)) this.#fail(new SkeinError(code))
    else if (mayBeHandled) this.#fail(new SkeinError('host-changed'))
    else {
      this.#refused = peer
      this.begin()
    }
  }

  #done(peer: PeerId): void {
    this.#off()
    this.#settle.resolve(peer)
  }

  #fail(error: SkeinError): void {
    this.#off()
    this.#settle.reject(error)
  }
}

/** Another host would not make it better. */
const finalCodes: readonly SkeinErrorCode[] = ['too-large', 'queue-full', 'closed', 'bad-argument']
