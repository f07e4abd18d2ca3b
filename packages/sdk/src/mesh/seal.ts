import type { Subtle } from './keyring.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** What AES-GCM adds. */
export const sealBytes = 16

/**
 * Seals a sequence of messages with one key. The nonce is a counter that is not sent: a message that
 * is dropped, repeated, altered or out of order does not open, and neither does anything after it.
 */
export class Sealer {
  readonly #subtle: Subtle
  readonly #key: CryptoKey
  #count = 0

  constructor(subtle: Subtle, key: CryptoKey) {
    this.#subtle = subtle
    this.#key = key
  }

  /** The order of calls counts, not that of results. */
  async seal(bytes: Bytes): Promise<Bytes> {
    const iv = nonce(this.#count++)
    return new Uint8Array(await this.#subtle.encrypt({ name: 'AES-GCM', iv }, this.#key, bytes))
  }
}

/** Opens what a `Sealer` with the same key has sealed, in the same order. */
export class Opener {
  readonly #subtle: Subtle
  readonly #key: CryptoKey
  #count = 0

  constructor(subtle: Subtle, key: CryptoKey) {
    this.#subtle = subtle
    this.#key = key
  }

  /** Rejects if it is not the next message. */
  async open(bytes: Bytes): Promise<Bytes> {
    const iv = nonce(this.#count++)
    return new Uint8Array(await this.#subtle.decrypt({ name: 'AES-GCM', iv }, this.#key, bytes))
  }
}

/** 96 bits. A key seals fewer than 2^53 messages. */
export const nonce = (count: number): Bytes => {
  const bytes = new Uint8Array(12)
  new DataView(bytes.buffer).setBigUint64(4, BigInt(count))
  return bytes
}
