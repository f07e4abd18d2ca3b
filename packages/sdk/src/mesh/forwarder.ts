import type { Millis, PeerId } from '@skein/protocol'
import type { Clock } from '../time/clock.ts'
import * as limits from './limits.ts'
import type { Post } from './post.ts'
import { RateLimit } from './rate-limit.ts'
import {
  blockedFrame,
  connectionIdBytes,
  encodeRelayFrame,
  type RelayFrame,
} from './relay-frame.ts'
import { sealBytes } from './seal.ts'

export interface ForwarderOptions {
  readonly post: Post
  readonly clock: Clock
  readonly canRelay: boolean
  /** Whether that member has an open link to this one, which goes through nobody. */
  readonly isReached: (peer: PeerId) => boolean
}

/** What this page has forwarded for others. */
export interface ForwardingCost {
  readonly signals: number
  readonly frames: number
  readonly bytes: number
  /** Frames that were refused, because they were not allowed or too much. */
  readonly refused: number
}

/** One direction between two members. */
interface Pair {
  waitingBytes: number
  lastAt: Millis
}

const [unreachable, unwilling, full] = [0, 1, 2] as const

/**
 * Forwards signals and sealed frames between two members that both have a direct link to this one. It
 * keeps nothing but counts: what cannot go on at once is refused, and the sender is told.
 */
export class Forwarder {
  readonly #options: ForwarderOptions
  readonly #signalRate = new RateLimit<PeerId>({
    perSecond: limits.signalsPerSecond,
    burst: limits.signalsBurst,
  })
  readonly #pairs = new Map<string, Pair>()
  #cost: ForwardingCost = { signals: 0, frames: 0, bytes: 0, refused: 0 }

  constructor(options: ForwarderOptions) {
    this.#options = options
  }

  get cost(): ForwardingCost {
    return this.#cost
  }

  /** How many pairs it forwards for; `null` if it does not. */
  get load(): number | null {
    if (!this.#options.canRelay) return null
    this.#forgetIdlePairs()
    return this.#pairs.size
  }

  /** Forwards a signal, sealed, of the peer that it came from. */
  signal(from: PeerId, to: PeerId, sealed: string): void {
    const { post, clock, isReached } = this.#options
    const isAllowed = isReached(from) && isReached(to) && from !== to
    if (!isAllowed || sealed.length > limits.maxSignalLength) return
    if (!this.#signalRate.allows(from, clock.now())) return
    if (post.message(to, ['signal', from, sealed])) this.#count({ signals: 1 })
  }

  /** Forwards a frame of the peer that it came from. */
  frame(from: PeerId, frame: RelayFrame): void {
    const reason = this.#reasonAgainst(from, frame)
    if (reason === null) this.#forward(from, frame)
    else this.#refuse(from, frame, reason)
  }

  forget(peer: PeerId): void {
    this.#signalRate.forget(peer)
  }

  #reasonAgainst(from: PeerId, { kind, peer, body }: RelayFrame): number | null {
    const { canRelay, isReached } = this.#options
    const maxBytes = limits.frameBytes + 1 + sealBytes
    if (!canRelay) return unwilling
    if (kind >= blockedFrame || from === peer || !(isReached(from) && isReached(peer))) {
      return unreachable
    }
    const pair = this.#pairs.get(nameOf(from, peer))
    if (!pair) this.#forgetIdlePairs()
    const isFull = pair
      ? pair.waitingBytes + body.length > limits.maxWaitingBytes
      : this.#pairs.size >= limits.maxPairs
    return isFull || body.length > maxBytes ? full : null
  }

  #forward(from: PeerId, frame: RelayFrame): void {
    const { post, clock } = this.#options
    const name = nameOf(from, frame.peer)
    const pair = this.#pairs.get(name) ?? { waitingBytes: 0, lastAt: 0 }
    this.#pairs.set(name, pair)
    const bytes = encodeRelayFrame({ ...frame, peer: from, isDelivery: true })
    pair.lastAt = clock.now()
    pair.waitingBytes += bytes.length
    const isSent = post.frame(frame.peer, bytes, () => {
      pair.waitingBytes -= bytes.length
    })
    if (isSent) this.#count({ frames: 1, bytes: bytes.length })
    else pair.waitingBytes -= bytes.length
  }

  #refuse(from: PeerId, { peer, kind }: RelayFrame, reason: number): void {
    this.#count({ refused: 1 })
    // Answers are not answered.
    if (kind >= blockedFrame) return
    const connection = new Uint8Array(connectionIdBytes)
    const answer = { kind: blockedFrame, isDelivery: true, peer, connection }
    const bytes = encodeRelayFrame({ ...answer, body: Uint8Array.of(reason) })
    this.#options.post.frame(from, bytes, () => {})
  }

  #forgetIdlePairs(): void {
    const now = this.#options.clock.now()
    for (const [name, { lastAt, waitingBytes }] of this.#pairs) {
      if (waitingBytes <= 0 && now - lastAt > limits.activePairMs) this.#pairs.delete(name)
    }
  }

  #count(more: Partial<ForwardingCost>): void {
    const { signals = 0, frames = 0, bytes = 0, refused = 0 } = more
    const cost = this.#cost
    this.#cost = {
      signals: cost.signals + signals,
      frames: cost.frames + frames,
      bytes: cost.bytes + bytes,
      refused: cost.refused + refused,
    }
  }
}

const nameOf = (from: PeerId, to: PeerId): string => `${from} ${to}`
