import type { PeerId, SkeinErrorCode } from '@skein/protocol'
import type { SendOutcome } from '../api.ts'
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
  /** Whether to wait until the host's application has handled the message. */
  readonly ack?: boolean
}

/** Sends to the host, following the role until a host has the message. */
export const sendToHost = (options: HostSend): Promise<SendOutcome> =>
  new Promise((resolve, reject) => new HostDelivery(options, resolve, reject).attempt())

interface Attempt {
  readonly peer: PeerId
  readonly item: Outgoing
  /** `null` if this peer is the host. */
  readonly transport: PeerTransport | null
}

class HostDelivery {
  readonly #options: HostSend
  readonly #resolve: (outcome: SendOutcome) => void
  readonly #reject: (error: SkeinError) => void
  readonly #stop: () => void
  #attempt: Attempt | null = null
  /** The host that rejected the message; not tried again until the room changes. */
  #rejectedBy: PeerId | null = null
  /** Hosts that may have the message. They are not tried again: it could arrive twice. */
  readonly #uncertain = new Set<PeerId>()
  #isResolved = false

  constructor(
    options: HostSend,
    resolve: (outcome: SendOutcome) => void,
    reject: (error: SkeinError) => void,
  ) {
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    // The next host may need the bytes again.
    options.message.holders += 1
    const { watchers } = options.mux
    const onChange = (isClosed: boolean) => {
      if (isClosed) this.#end('closed')
      else this.#onRoomChange()
    }
    watchers.add(onChange)
    const cancel = onAbortOrTimeout(options, (error) => {
      // An accepted message is delivered however long that takes.
      if (this.#isResolved) return
      this.#end(error)
    })
    this.#stop = () => {
      watchers.delete(onChange)
      cancel()
    }
  }

  attempt(): void {
    const { mux, view, message } = this.#options
    const { self, host: peer } = view()
    if (peer === null || peer === this.#rejectedBy || this.#uncertain.has(peer)) return
    const transport = peer === self ? null : mux.transport(peer)
    if (!transport && peer !== self) return
    const item = transport?.send(message, true) ?? this.#deliverLocally()
    this.#attempt = { peer, transport, item }
    item.onchange = () => this.#onItemChange(peer, item)
    item.onchange()
  }

  /** This peer is the host: it gets a copy, like any other peer. */
  #deliverLocally(): Outgoing {
    const { mux, view, channel, message } = this.#options
    const { kind, head, body, size } = message
    const { self: from, term } = view()
    const item = new Outgoing(message)
    const parts = [body instanceof Blob ? body : new Uint8Array(body)]
    const data = decodePayload({ kind, head: head ?? new Uint8Array(0), parts })
    const done = (outcome: Outcome) => item.settle(outcome)
    mux.receiveUnmetered(channel, {
      message: { data, from, term },
      cost: costOf(size),
      isKept: true,
      done,
      read: () => {},
    })
    // Not if the channel is full: such a message counts as never sent.
    if (item.result === undefined) {
      item.accept()
      item.isSent = true
    }
    return item
  }

  #onItemChange(peer: PeerId, item: Outgoing): void {
    const { ack = false } = this.#options
    const next = nextStep(item, ack)
    this.#isResolved ||= next === 'done' || (item.isAccepted && !ack)
    if (this.#isResolved) this.#resolve({ reached: [peer], failed: new Map() })
    if (next === 'wait') return
    this.#rejectedBy = peer
    if (item.isSent && item.result !== 'not-host') this.#uncertain.add(peer)
    if (next === 'retry') {
      this.#attempt = null
      this.attempt()
    } else this.#end(next)
  }

  #onRoomChange(): void {
    const { item, peer } = this.#attempt ?? {}
    this.#rejectedBy = null
    // The old host may have the message: only its answer tells.
    if (item?.isSent || (item && this.#options.view().host === peer)) return
    this.#withdraw('aborted')
    this.attempt()
  }

  #withdraw(code: SkeinErrorCode): void {
    const { transport, item } = this.#attempt ?? {}
    this.#attempt = null
    if (!item) return
    item.onchange = () => {}
    if (item.result === undefined) transport?.settle(item, code)
  }

  #end(result: 'done' | SkeinErrorCode | SkeinError): void {
    this.#stop()
    if (result === 'done') return
    const error = result instanceof SkeinError ? result : new SkeinError(result)
    const { code } = error
    const message = error.message === code ? `${code}: to the host` : error.message
    // The host, or the last one that was tried.
    const peer = this.#attempt?.peer ?? this.#options.view().host
    this.#withdraw(code)
    const cause: SendOutcome = { reached: [], failed: new Map(peer && [[peer, code]]) }
    this.#reject(new SkeinError(code, { message, cause }))
  }
}

/** With these codes another host would give the same result, or the host has tried. */
const finalCodes: readonly SkeinErrorCode[] = [
  'too-large',
  'queue-full',
  'closed',
  'bad-argument',
  'handler-failed',
  'no-handler',
]

/** What to do next; a code means that the send fails with it. */
const nextStep = (
  { isSent, result }: Outgoing,
  ack: boolean,
): 'wait' | 'done' | 'retry' | SkeinErrorCode => {
  if (result === undefined) return 'wait'
  if (result === null) return 'done'
  if (finalCodes.includes(result)) return result
  return isSent && ack && result !== 'not-host' ? 'host-changed' : 'retry'
}
