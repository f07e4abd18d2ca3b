import type { Millis, PeerId } from '@skein/protocol'
import { concat, utf8 } from '../core/bytes.ts'
import { type ControlMessage, parseControl } from '../link/control.ts'
import {
  type ConnectionOwner,
  type FrameChannel,
  type LinkConnection,
  mainLabel,
} from '../link/link.ts'
import type { Clock } from '../time/clock.ts'
import { createTimer } from '../time/restartable-timer.ts'
import { toBase64 } from './base64.ts'
import * as limits from './limits.ts'
import { answerFrame, closeFrame, connectionIdBytes, dataFrame, openFrame } from './relay-frame.ts'
import type { Opener, Sealer } from './seal.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** Both directions of one via connection. */
export interface Seals {
  readonly sealer: Sealer
  readonly opener: Opener
}

export interface ViaOptions {
  readonly peer: PeerId
  readonly via: PeerId
  /** The id of the other side's connection, if it has asked for this one; `null`: this side asks. */
  readonly remote: Bytes | null
  readonly clock: Clock
  /** Agrees on keys for the pair of connections; `null` while the peer's public key is not known. */
  readonly agree: (ids: {
    readonly opener: Bytes
    readonly accepter: Bytes
  }) => Promise<Seals | null>
  /**
   * Hands a frame to the member in the middle. Calls `taken` when it is on its way; `false` if there
   * is no link to the member.
   */
  readonly forward: (frame: ViaFrame, taken: () => void) => boolean
  /** It is closed, and why if it has failed; `isSuspicious` if the member may be to blame. */
  readonly closed: (connection: ViaConnection, reason: string | null, isSuspicious: boolean) => void
}

export interface ViaFrame {
  readonly kind: number
  readonly connection: Bytes
  readonly body: Bytes
}

/** What a sealed frame begins with. */
const readyMessage = 0
const controlMessage = 1
const mainMessage = 2

const nothing: Bytes = new Uint8Array(0)
const decoder = new TextDecoder()

/**
 * A connection to a peer through a member that reaches both. It is sealed end to end: the member sees
 * who talks to whom, when and how much. What it drops, repeats, alters or reorders ends the
 * connection; the link then retransmits on another one.
 */
export class ViaConnection implements LinkConnection {
  readonly pc = null
  readonly via: PeerId
  readonly peer: PeerId
  readonly id: Bytes = crypto.getRandomValues(new Uint8Array(connectionIdBytes))
  readonly local: string
  remote: string | null = null
  readonly main: FrameChannel
  early: Bytes | null = null
  readonly #options: ViaOptions
  readonly #isOpener: boolean
  readonly #timer: (delayMs?: Millis, task?: () => void) => void
  readonly #endsAt: Millis
  #remoteId: Bytes | null = null
  #seals: Promise<Seals | null> | null = null
  #sealer: Sealer | null = null
  #isOpen = false
  #isClosed = false
  #owner: ConnectionOwner | null = null
  /** Bytes that were sent and have not left for the member. */
  #buffered = 0
  #lastBuffered = 0
  /** Bytes that have come and are not opened. */
  #unopened = 0
  /** Frames are sealed, sent and opened in the order in which they come. */
  #outgoing: Promise<unknown> = Promise.resolve()
  #incoming: Promise<unknown> = Promise.resolve()

  constructor(options: ViaOptions) {
    const { peer, via, remote, clock } = options
    this.#options = options
    this.peer = peer
    this.via = via
    this.local = toBase64(this.id)
    this.main = this.#createChannel()
    this.#timer = createTimer(clock)
    this.#endsAt = clock.now() + limits.openMs
    this.#isOpener = remote === null
    if (remote) this.#meet(remote)
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  get isAnswered(): boolean {
    return this.#remoteId !== null
  }

  /** Asks the peer to open it, or says that it has been opened, until the peer says something. */
  start(): void {
    if (this.#isClosed || this.#isOpen) return
    if (this.#options.clock.now() >= this.#endsAt) {
      this.#end('The peer does not answer through the member.', true)
      return
    }
    this.answer()
    this.#timer(limits.reopenMs, () => this.start())
  }

  /** Sends the frame that this side opens with. */
  answer(): void {
    const remote = this.#remoteId
    if (this.#isOpener) {
      if (!remote) this.#forward({ kind: openFrame, connection: this.id, body: nothing })
    } else if (remote) this.#forward({ kind: answerFrame, connection: remote, body: this.id })
  }

  /** The peer has accepted. */
  accepted(remote: Bytes): void {
    if (!this.#isOpener || this.#remoteId || remote.length !== connectionIdBytes) return
    this.#meet(remote)
  }

  /** A sealed frame has come. */
  received(sealed: Bytes): void {
    const seals = this.#seals
    if (!seals || this.#isClosed) return
    this.#unopened += sealed.length
    if (this.#unopened > limits.maxUnopenedBytes) {
      this.#end('The peer sends faster than this page can read.', false)
      return
    }
    const opened = seals.then((both) => both?.opener.open(sealed))
    opened.catch(() => {})
    this.#incoming = this.#incoming.then(async () => {
      try {
        const bytes = await opened
        this.#unopened -= sealed.length
        if (bytes && !this.#isClosed) this.#handle(bytes)
      } catch {
        this.#end('The member in the middle has altered, dropped or repeated something.', true)
      }
    })
  }

  /** The other side, or the member, has ended it. */
  stop(reason: string): void {
    this.#end(reason, false)
  }

  setOwner(owner: ConnectionOwner): void {
    this.#owner = owner
  }

  send(message: ControlMessage): boolean {
    if (!this.#isOpen) return false
    this.#send(controlMessage, utf8(JSON.stringify(message)))
    return true
  }

  /** There is nothing to negotiate. */
  receive(): void {}

  restartIce(): boolean {
    return false
  }

  hasDrained(): boolean {
    const before = this.#lastBuffered
    this.#lastBuffered = this.#buffered
    return this.#buffered < before
  }

  ping(): void {
    this.send({ type: 'ping', id: this.#options.clock.now() })
  }

  /** What is unreliable elsewhere goes over the main frame channel, or is dropped. */
  openFrameChannel(): null {
    return null
  }

  close(): void {
    if (this.#isClosed) return
    this.#owner = null
    this.#close(null, false)
  }

  #close(reason: string | null, isSuspicious: boolean): void {
    const remote = this.#remoteId
    this.#isClosed = true
    this.#isOpen = false
    this.#timer()
    // After what was sent before, such as a `bye`.
    this.#outgoing = this.#outgoing.then(() => {
      if (remote) this.#options.forward(closing(remote), () => {})
    })
    this.#options.closed(this, reason, isSuspicious)
  }

  #end(reason: string, isSuspicious: boolean): void {
    if (this.#isClosed) return
    const owner = this.#owner
    this.#close(reason, isSuspicious)
    owner?.ended(this)
  }

  /** Both ids are known, so the keys are. */
  #meet(remote: Bytes): void {
    this.#remoteId = remote
    this.remote = toBase64(remote)
    const [opener, accepter] = this.#isOpener ? [this.id, remote] : [remote, this.id]
    this.#seals = this.#options.agree({ opener, accepter })
    this.#outgoing = this.#seals.then(
      (seals) => {
        this.#sealer = seals?.sealer ?? null
        if (!seals) this.#end('The key of the peer is not known.', false)
      },
      () => this.#end('The browser refuses to agree on keys.', false),
    )
    // It proves to the other side that this side has the key.
    this.#send(readyMessage, nothing)
  }

  #createChannel(): FrameChannel {
    const isOpen = () => this.#isOpen
    const buffered = () => this.#buffered
    return {
      label: mainLabel,
      get isOpen() {
        return isOpen()
      },
      get bufferedAmount() {
        return buffered()
      },
      maxMessageSize: limits.frameBytes,
      send: (frame) => {
        if (!this.#isOpen) throw new DOMException('closed', 'InvalidStateError')
        this.#send(mainMessage, frame)
        this.#owner?.sent(this)
      },
      ondrain: null,
    }
  }

  /** The bytes are copied before this returns. */
  #send(kind: number, body: Bytes): void {
    const plain = concat([Uint8Array.of(kind), body])
    this.#buffered += plain.length
    this.#outgoing = this.#outgoing.then(async () => {
      const [sealer, connection] = [this.#sealer, this.#remoteId]
      if (!sealer || !connection) return
      // One by one: on a fast path, AES-GCM takes less time than the frame.
      const sealed = await sealer.seal(plain)
      this.#forward({ kind: dataFrame, connection, body: sealed }, () => this.#taken(plain.length))
    })
  }

  #taken(bytes: number): void {
    this.#buffered -= bytes
    if (this.#buffered <= limits.lowWaterBytes && !this.#isClosed) this.main.ondrain?.()
  }

  #forward(frame: ViaFrame, taken = () => {}): void {
    const isForwarded = this.#options.forward(frame, taken)
    if (!isForwarded) this.#end('The member in the middle is gone.', false)
  }

  #handle(bytes: Bytes): void {
    const [kind] = bytes
    const body = bytes.subarray(1)
    if (!this.#isOpen) {
      this.#isOpen = true
      this.#timer()
      this.#owner?.opened(this)
    }
    this.#owner?.heard(this)
    if (kind === mainMessage) this.#owner?.frame(this, mainLabel, body)
    else if (kind === controlMessage) this.#control(parseControl(decoder.decode(body)))
  }

  #control(message: ControlMessage | null): void {
    if (message?.type === 'ping') this.send({ ...message, type: 'pong' })
    else if (message?.type === 'pong') {
      this.#owner?.measured(this, this.#options.clock.now() - message.id)
    } else if (message?.type === 'use') this.#owner?.used(this, message.id)
    else if (message?.type === 'bye') this.#owner?.closedByPeer()
  }
}

const closing = (connection: Bytes): ViaFrame => ({ kind: closeFrame, connection, body: nothing })
