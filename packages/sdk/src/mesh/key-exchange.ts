import type { ClientMessage, Millis, PeerId } from '@skein/protocol'
import type { Clock } from '../time/clock.ts'
import type { Keyring } from './keyring.ts'
import * as limits from './limits.ts'
import type { Post } from './post.ts'

export interface KeyExchangeOptions {
  readonly keyring: Keyring
  readonly post: Post
  readonly clock: Clock
  readonly signaling: {
    readonly send: (message: Extract<ClientMessage, { type: 'signal' }>) => boolean
  }
}

/**
 * Tells peers this page's public key: over each direct connection once, which costs the server
 * nothing, and through the server only where there is no direct connection.
 */
export class KeyExchange {
  readonly #options: KeyExchangeOptions
  /** Peers that have it from the direct connection of now. */
  readonly #told = new Set<PeerId>()
  /** When it was sent through the server last. */
  readonly #sentAt = new Map<PeerId, Millis>()

  constructor(options: KeyExchangeOptions) {
    this.#options = options
  }

  sendDirectly(peer: PeerId): void {
    if (this.#told.has(peer)) return
    this.#told.add(peer)
    const { keyring, post } = this.#options
    void keyring.publicKey().then((key) => post.message(peer, ['key', key]), ignore)
  }

  /** The next direct connection may be to another page of the peer. */
  interrupted(peer: PeerId): void {
    this.#told.delete(peer)
  }

  sendThroughServer(peer: PeerId): void {
    const { keyring, signaling, clock } = this.#options
    const now = clock.now()
    if (now - (this.#sentAt.get(peer) ?? -Infinity) < limits.keyMs) return
    this.#sentAt.set(peer, now)
    // Of no connection: servers and peers that do not know of keys pass it on, or drop it.
    const data = { link: { local: '', remote: '' }, type: 'candidate', candidate: null } as const
    void keyring.publicKey().then((key) => {
      if (!signaling.send({ type: 'signal', to: peer, data: { ...data, key } })) {
        this.#sentAt.delete(peer)
      }
    }, ignore)
  }

  forget(peer: PeerId): void {
    this.#told.delete(peer)
    this.#sentAt.delete(peer)
  }
}

/** A browser without the curve: nobody can help this page. */
const ignore = (): void => {}
