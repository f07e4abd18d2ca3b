import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import type { SendOutcome } from '../api.ts'
import { SkeinError } from '../errors.ts'
import { type GiveUpOptions, whenGivenUp } from './give-up.ts'
import type { Message } from './outgoing.ts'
import type { Pipe } from './pipe.ts'

export interface PeersSend extends GiveUpOptions {
  readonly message: Message
  /** A peer without a pipe cannot be reached; the code says why. */
  readonly targets: ReadonlyMap<PeerId, Pipe | SkeinErrorCode>
  readonly asksAnswer: boolean
}

/** Settles when it is known of each peer what became of the message. */
export const sendToPeers = (options: PeersSend): Promise<void> =>
  new Promise((resolve, reject) => new PeersAttempt(options, { resolve, reject }).begin())

interface Settle {
  readonly resolve: () => void
  readonly reject: (error: SkeinError) => void
}

class PeersAttempt {
  readonly #options: PeersSend
  readonly #settle: Settle
  readonly #off: () => void
  readonly #reached: PeerId[] = []
  readonly #failed = new Map<PeerId, SkeinErrorCode>()
  /** Not settled yet, and how each is taken back. */
  readonly #left = new Map<PeerId, () => void>()
  #code: SkeinErrorCode | null = null

  constructor(options: PeersSend, settle: Settle) {
    this.#options = options
    this.#settle = settle
    for (const peer of options.targets.keys()) this.#left.set(peer, () => {})
    this.#off = whenGivenUp(options, ({ code }) => {
      this.#code = code
      for (const [peer, cancel] of [...this.#left]) {
        cancel()
        this.#done(peer, code)
      }
    })
  }

  begin(): void {
    for (const [peer, pipe] of this.#options.targets) {
      if (typeof pipe === 'string') this.#done(peer, pipe)
      else this.#send(peer, pipe)
    }
    this.#finish()
  }

  #send(peer: PeerId, pipe: Pipe): void {
    const { message, asksAnswer } = this.#options
    const item = pipe.send(message, {
      asksAnswer,
      accepted: () => asksAnswer || this.#done(peer, null),
      settled: (code) => this.#done(peer, code),
    })
    if (item) this.#left.set(peer, () => pipe.cancel(item))
  }

  #done(peer: PeerId, code: SkeinErrorCode | null): void {
    if (!this.#left.delete(peer)) return
    this.#code ??= code
    if (code) this.#failed.set(peer, code)
    else this.#reached.push(peer)
    this.#finish()
  }

  #finish(): void {
    if (this.#left.size > 0) return
    this.#off()
    const code = this.#code
    if (!code) this.#settle.resolve()
    else {
      const cause: SendOutcome = { reached: this.#reached, failed: this.#failed }
      const message = `${code}: ${[...this.#failed.keys()].join()}`
      this.#settle.reject(new SkeinError(code, { message, cause }))
    }
  }
}
