import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import { SkeinError } from '../base/errors.ts'
import { type AbortOrTimeoutOptions, onAbortOrTimeout } from '../time/on-abort-or-timeout.ts'
import { costOf } from '../transport/credit.ts'
import { type Message, Outgoing } from '../transport/outgoing.ts'
import { decodePayload } from '../transport/payload.ts'
import type { PeerTransport } from '../transport/peer-transport.ts'
import type { ChannelEnd, Outcome } from './channel.ts'
import type { ChannelMux } from './channel-mux.ts'
import type { RoomView } from './check-term.ts'

export interface HostSend extends AbortOrTimeoutOptions {
  readonly mux: ChannelMux
  readonly view: () => RoomView
  readonly channel: ChannelEnd<unknown>
  readonly message: Message
  /** Whether the promise waits for the host's application. */
  readonly ack?: boolean
}

/** It may mean to wait for a host: so long, if the call does not say. */
const hostTimeoutMs = 15_000

/** Follows the role until some host has the message; resolves with who that is. */
export const sendToHost = (options: HostSend): Promise<PeerId> =>
  new Promise((resolve, reject) => new HostDelivery(options, resolve, reject).begin())

interface Attempt {
  readonly peer: PeerId
  readonly item: Outgoing
  /** `null`: I am the host. */
  readonly transport: PeerTransport | null
}

class HostDelivery {
  readonly #options: HostSend
  readonly #resolve: (peer: PeerId) => void
  readonly #reject: (error: SkeinError) => void
  readonly #off: () => void
  #attempt: Attempt | null = null
  /** Who said no: not asked again before something has changed. */
  #refused: PeerId | null = null
  /** Who may have it, and cannot be asked: should they come back, it is on its way to them. */
  readonly #unsure = new Set<PeerId>()
  #isResolved = false

  constructor(
    options: HostSend,
    resolve: (peer: PeerId) => void,
    reject: (error: SkeinError) => void,
  ) {
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    // The next host may need the bytes again.
    options.message.holders += 1
    const { timeoutMs = hostTimeoutMs } = options
    const { watchers } = options.mux
    const changed = (isClosed: boolean) => {
      if (isClosed) this.#end('closed')
      else this.#changed()
    }
    watchers.add(changed)
    const off = onAbortOrTimeout({ ...options, timeoutMs }, (error) => {
      // What was promised is followed to its host, however long that takes.
      if (this.#isResolved) return
      this.#withdraw()
      this.#end(error)
    })
    this.#off = () => {
      watchers.delete(changed)
      off()
    }
  }

  begin(): void {
    const { mux, view, message } = this.#options
    const { self, host: peer } = view()
    if (peer === null || peer === this.#refused || this.#unsure.has(peer)) return
    const transport = peer === self ? null : mux.transport(peer)
    if (!transport && peer !== self) return
    const item = transport?.send(message, true) ?? this.#here()
    this.#attempt = { peer, transport, item }
    item.onchange = () => this.#heard(peer, item)
    item.onchange()
  }

  /** I am the host: a copy, as any other peer gets. */
  #here(): Outgoing {
    const { mux, view, channel, message } = this.#options
    const { kind, head, body, size } = message
    const { self: from, term } = view()
    const item = new Outgoing(message)
    const parts = [body instanceof Blob ? body : new Uint8Array(body)]
    const data = decodePayload({ kind, head: head ?? new Uint8Array(0), parts })
    const done = (outcome: Outcome) => {
      if (outcome === null) item.settle(null)
      else item.reject(outcome)
    }
    item.take()
    item.markSent()
    mux.hold(channel, costOf(size), { message: { data, from, term }, done, read: () => {} })
    return item
  }

  #heard(peer: PeerId, item: Outgoing): void {
    const { ack = false } = this.#options
    const next = nextStep(item, ack)
    this.#isResolved ||= next === 'done' || (item.isTaken && !ack)
    if (this.#isResolved) this.#resolve(peer)
    if (next === 'wait') return
    this.#attempt = null
    this.#refused = peer
    if (item.isSent && item.result !== 'not-host') this.#unsure.add(peer)
    if (next === 'again') this.begin()
    else this.#end(next)
  }

  #changed(): void {
    const { item, peer } = this.#attempt ?? {}
    this.#refused = null
    // What the old host may have is waited for: only its answer tells.
    if (item?.isSent || (item && this.#options.view().host === peer)) return
    this.#withdraw()
    this.begin()
  }

  #withdraw(): void {
    const { transport, item } = this.#attempt ?? {}
    this.#attempt = null
    if (!item) return
    item.onchange = () => {}
    transport?.settle(item, 'aborted')
  }

  #end(why: 'done' | SkeinErrorCode | SkeinError): void {
    this.#off()
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
