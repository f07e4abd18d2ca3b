import type { PeerId } from '@skein/protocol'
import { utf8 } from '../core/bytes.ts'
import { fromBase64, toBase64 } from './base64.ts'

/** What is needed of WebCrypto; pages without HTTPS have none. */
export type Subtle = Pick<
  SubtleCrypto,
  'generateKey' | 'exportKey' | 'importKey' | 'deriveBits' | 'deriveKey' | 'encrypt' | 'decrypt'
>

/** How a public key came: over a direct connection, or through the server. */
export type KeySource = 'direct' | 'server'

/** What a key is for. The two directions, two purposes and two connections never share a key. */
export interface KeyUse {
  readonly purpose: 'signal' | 'via'
  readonly from: PeerId
  readonly to: PeerId
  readonly salt: Uint8Array<ArrayBuffer>
}

interface OwnKeys {
  readonly pair: CryptoKeyPair
  /** The public key, in base64url. */
  readonly text: string
}

interface PeerKey {
  readonly text: string
  readonly source: KeySource
  /** `null` if it is no valid public key. */
  readonly shared: Promise<CryptoKey | null>
}

const algorithm = { name: 'ECDH', namedCurve: 'P-256' }
/** An uncompressed point. */
const publicKeyBytes = 65

/**
 * The keys that this page shares with each member of its room: ECDH, then HKDF. Its own pair lives as
 * long as the page. A key that has come over a direct connection is never replaced by one that comes
 * through the server.
 */
export class Keyring {
  readonly #subtle: Subtle
  readonly #peers = new Map<PeerId, PeerKey>()
  #own: Promise<OwnKeys> | null = null

  constructor(subtle: Subtle) {
    this.#subtle = subtle
  }

  /** This page's public key, in base64url. */
  async publicKey(): Promise<string> {
    return (await this.#ownKeys()).text
  }

  has(peer: PeerId): boolean {
    return this.#peers.has(peer)
  }

  /** Takes a peer's public key; returns whether it is new. */
  learn(peer: PeerId, key: unknown, source: KeySource): boolean {
    const known = this.#peers.get(peer)
    const text = typeof key === 'string' ? key : ''
    const bytes = fromBase64(text)
    if (bytes?.length !== publicKeyBytes) return false
    if (source === 'server' && known?.source === 'direct') return false
    const isNew = known?.text !== text
    const shared = isNew ? this.#share(bytes) : known.shared
    this.#peers.set(peer, { text, source, shared })
    return isNew
  }

  forget(peer: PeerId): void {
    this.#peers.delete(peer)
  }

  /** The key for one direction; `null` while the peer's public key is not known. */
  async derive(peer: PeerId, { purpose, from, to, salt }: KeyUse): Promise<CryptoKey | null> {
    const known = this.#peers.get(peer)
    const shared = await known?.shared
    if (!known || !shared) return null
    const own = await this.publicKey()
    const [fromKey, toKey] = from === peer ? [known.text, own] : [own, known.text]
    const info = utf8(JSON.stringify(['skein', purpose, from, to, fromKey, toKey]))
    const hkdf = { name: 'HKDF', hash: 'SHA-256', salt, info }
    const aes = { name: 'AES-GCM', length: 256 }
    return this.#subtle.deriveKey(hkdf, shared, aes, false, ['encrypt', 'decrypt'])
  }

  #ownKeys(): Promise<OwnKeys> {
    this.#own ??= this.#generate()
    return this.#own
  }

  async #generate(): Promise<OwnKeys> {
    const pair = await this.#subtle.generateKey(algorithm, false, ['deriveBits'])
    const bytes = await this.#subtle.exportKey('raw', pair.publicKey)
    return { pair, text: toBase64(new Uint8Array(bytes)) }
  }

  /** Importing checks that the point is on the curve. */
  async #share(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey | null> {
    const subtle = this.#subtle
    try {
      const { pair } = await this.#ownKeys()
      const theirs = await subtle.importKey('raw', bytes, algorithm, false, [])
      const secret = await subtle.deriveBits({ ...algorithm, public: theirs }, pair.privateKey, 256)
      return await subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey'])
    } catch {
      // Not a point, or the page is going away.
      return null
    }
  }
}
