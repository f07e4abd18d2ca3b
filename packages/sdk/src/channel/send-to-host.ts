import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import { SkeinError } from '../errors.ts'
import { type GiveUpOptions, whenGivenUp } from './give-up.ts'
import type { Outgoing } from './outgoing.ts'

/** One who is host, and how it is given the message. */
export interface HostTarget {
  readonly peer: PeerId
  readonly send: () => Outgoing
  readonly settle: (item: Outgoing, code: SkeinErrorCode) => void
}

export interface HostSend extends GiveUpOptions {
  /** Whether the promise waits for the host's application. */
  readonly ack: boolean
  /** The host of now; `null` while there is none, or no way to it yet. */
  readonly find: () => HostTarget | null
  /** Calls back when the host, or the way to it, may have changed, or all is over; returns its off. */
  readonly watch: (changed: (isClosed: boolean) => void) => () => void
}

/** Follows the role until some host has the message; resolves with who that is. */
export const sendToHost = (options: HostSend): Promise<PeerId> =>
  new Promise((resolve, reject) => new Pursuit(options, resolve, reject).begin())

class Pursuit {
  readonly #options: HostSend
  readonly #resolve: (peer: PeerId) => void
  readonly #reject: (error: SkeinError) => void
  readonly #offs: readonly (() => void)[]
  #attempt: { readonly host: HostTarget; readonly item: Outgoing } | null = null
  /** Who said no: not asked again before something has changed. */
  #refused: PeerId | null = null
  #isResolved = false

  constructor(
    options: HostSend,
    resolve: (peer: PeerId) => void,
    reject: (error: SkeinError) => void,
  ) {
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    this.#offs = [
      options.watch((isClosed) => {
        if (isClosed) this.#end('closed')
        else this.#changed()
      }),
      whenGivenUp(options, (error) => {
        // What was promised is followed to its host, however long that takes.
        if (this.#isResolved) return
        this.#withdraw()
        this.#end(error)
      }),
    ]
  }

  begin(): void {
    const host = this.#options.find()
    if (!host || host.peer === this.#refused) return
    const item = host.send()
    this.#attempt = { host, item }
    item.onchange = () => this.#heard(host.peer, item)
    item.onchange()
  }

  #heard(peer: PeerId, item: Outgoing): void {
    const { ack } = this.#options
    const next = nextStep(item, ack)
    this.#isResolved ||= next === 'done' || (item.isTaken && !ack)
    if (this.#isResolved) this.#resolve(peer)
    if (next === 'wait') return
    this.#attempt = null
    this.#refused = peer
    if (next === 'again') this.begin()
    else this.#end(next)
  }

  #changed(): void {
    const { item, host } = this.#attempt ?? {}
    this.#refused = null
    // What the old host may have is waited for: only its answer tells.
    if (item?.isSent || (host && this.#options.find()?.peer === host.peer)) return
    this.#withdraw()
    this.begin()
  }

  #withdraw(): void {
    const { host, item } = this.#attempt ?? {}
    this.#attempt = null
    if (!item) return
    item.onchange = () => {}
    host?.settle(item, 'aborted')
  }

  #end(why: 'done' | SkeinErrorCode | SkeinError): void {
    for (const off of this.#offs) off()
    if (why !== 'done') this.#reject(why instanceof SkeinError ? why : new SkeinError(why))
  }
}

/** A code is one with which it fails. */
const nextStep = (
  { isSent, result }: Outgoing,
  ack: boolean,
): 'wait' | 'done' | 'again' | SkeinErrorCode => {
  if (result === undefined) return 'wait'
  if (result === null) return 'done'
  // Another host would not make it better.
  if (['too-large', 'queue-full', 'closed', 'bad-argument'].includes(result)) return result
  return isSent && ack && result !== 'not-host' ? 'host-changed' : 'again'
}
