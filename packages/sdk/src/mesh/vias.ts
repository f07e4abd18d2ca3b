import type { Millis, PeerId } from '@skein/protocol'
import { concat } from '../core/bytes.ts'
import type { PeerLink } from '../link/link.ts'
import type { Clock } from '../time/clock.ts'
import { toBase64 } from './base64.ts'
import type { Keyring, Subtle } from './keyring.ts'
import * as limits from './limits.ts'
import type { Post } from './post.ts'
import {
  answerFrame,
  blockedFrame,
  blockedReasons,
  closeFrame,
  dataFrame,
  encodeRelayFrame,
  openFrame,
  type RelayFrame,
} from './relay-frame.ts'
import { Opener, Sealer } from './seal.ts'
import { type Seals, ViaConnection } from './via-connection.ts'

export interface ViasOptions {
  readonly subtle: Subtle
  readonly keyring: Keyring
  readonly post: Post
  readonly clock: Clock
  readonly self: () => PeerId
  readonly linkTo: (peer: PeerId) => PeerLink | null
  /** The via connection that was in use has ended. */
  readonly lost: (peer: PeerId) => void
}

/** The via connections of this page: opens them, accepts them, and hands them what comes. */
export class Vias {
  readonly #options: ViasOptions
  readonly #connections = new Set<ViaConnection>()
  /** Until when a member is the last choice for a peer. */
  readonly #distrusted = new Map<string, Millis>()
  /** When a peer made this page create a connection. */
  readonly #acceptedAt = new Map<PeerId, readonly Millis[]>()

  constructor(options: ViasOptions) {
    this.#options = options
  }

  /** The link is broken: opens a connection through one of these members, unless one is on its way. */
  open(peer: PeerId, members: readonly PeerId[]): void {
    const mine = [...this.#connections].filter((each) => each.peer === peer)
    if (mine.some(({ isOpen }) => !isOpen)) return
    // Open, but silent: another member comes first.
    for (const each of mine) {
      this.#distrust(each)
      each.stop('Nothing comes through the member any more.')
    }
    const ranked = [...members].sort(
      (one, other) => this.#rank(peer, one) - this.#rank(peer, other),
    )
    if (ranked[0]) this.#create({ peer, via: ranked[0], remote: null })
  }

  /** A member has delivered a frame of a peer, or says why it does not. */
  receive(via: PeerId, frame: RelayFrame): void {
    const { kind, peer, connection, body } = frame
    const known = [...this.#connections].filter((each) => each.peer === peer && each.via === via)
    const id = toBase64(connection)
    const target = known.find(({ local }) => local === id)
    if (kind === blockedFrame) this.#blocked(known, body)
    else if (kind === openFrame)
      this.#asked(
        via,
        frame,
        known.find(({ remote }) => remote === id),
      )
    else if (kind === answerFrame) target?.accepted(body)
    else if (kind === dataFrame) target?.received(body)
    else if (kind === closeFrame) target?.stop('The peer has closed the connection.')
  }

  /** The direct link to a member is not open any more. */
  lost(via: PeerId): void {
    for (const each of [...this.#connections]) {
      if (each.via === via) each.stop('The member in the middle is gone.')
    }
  }

  forget(peer: PeerId): void {
    this.lost(peer)
    this.#acceptedAt.delete(peer)
    for (const name of this.#distrusted.keys()) {
      if (name.split(' ').includes(peer)) this.#distrusted.delete(name)
    }
  }

  #blocked(connections: readonly ViaConnection[], [reason = 0]: Bytes): void {
    for (const each of connections) {
      this.#distrust(each)
      each.stop(blockedReasons[reason] ?? blockedReasons[0])
    }
  }

  /** A peer asks for a connection, perhaps again. */
  #asked(via: PeerId, frame: RelayFrame, known: ViaConnection | undefined): void {
    if (known) known.answer()
    else this.#accept(via, frame)
  }

  #accept(via: PeerId, { peer, connection }: RelayFrame): void {
    const { keyring, clock } = this.#options
    const now = clock.now()
    const recent = (this.#acceptedAt.get(peer) ?? []).filter((at) => now - at < limits.acceptsMs)
    // The peer asks again until this page knows its key.
    if (!keyring.has(peer) || recent.length >= limits.maxAccepts) return
    this.#acceptedAt.set(peer, [...recent, now])
    this.#create({ peer, via, remote: connection })
  }

  #create({
    peer,
    via,
    remote,
  }: Pick<ViaConnection, 'peer' | 'via'> & { remote: Bytes | null }): void {
    const { clock, linkTo } = this.#options
    const connection = new ViaConnection({
      peer,
      via,
      remote,
      clock,
      agree: (ids) => this.#agree(peer, ids),
      forward: (frame, taken) => this.#forward({ ...frame, isDelivery: false, peer }, via, taken),
      closed: (...args) => this.#closed(...args),
    })
    this.#connections.add(connection)
    if (linkTo(peer)?.adopt(connection)) connection.start()
    else connection.close()
  }

  #forward(frame: RelayFrame, via: PeerId, taken: () => void): boolean {
    return this.#options.post.frame(via, encodeRelayFrame(frame), taken)
  }

  async #agree(
    peer: PeerId,
    { opener, accepter }: { readonly opener: Bytes; readonly accepter: Bytes },
  ): Promise<Seals | null> {
    const { keyring, subtle, self } = this.#options
    const [me, salt] = [self(), concat([opener, accepter])]
    const derive = (from: PeerId, to: PeerId) =>
      keyring.derive(peer, { purpose: 'via', from, to, salt })
    const [out, back] = await Promise.all([derive(me, peer), derive(peer, me)])
    return out && back && { sealer: new Sealer(subtle, out), opener: new Opener(subtle, back) }
  }

  #closed(connection: ViaConnection, reason: string | null, isSuspicious: boolean): void {
    this.#connections.delete(connection)
    if (isSuspicious) this.#distrust(connection)
    if (reason !== null) this.#options.lost(connection.peer)
  }

  #distrust({ peer, via }: ViaConnection): void {
    this.#distrusted.set(`${peer} ${via}`, this.#options.clock.now() + limits.distrustMs)
  }

  #rank(peer: PeerId, via: PeerId): number {
    const until = this.#distrusted.get(`${peer} ${via}`) ?? 0
    return until > this.#options.clock.now() ? until : 0
  }
}

type Bytes = Uint8Array<ArrayBuffer>
