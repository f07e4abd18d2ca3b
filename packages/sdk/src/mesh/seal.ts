import type { Subtle } from './keyring.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** What AES-GCM adds. */
export const sealBytes = 16

/** A key, and how many messages it was used for. */
abstract class CountedKey {
  protected readonly subtle: Subtle
  protected readonly key: CryptoKey
  #count = 0

  constructor(subtle: Subtle, key: CryptoKey) {
    this.subtle = subtle
    this.key = key
  }

  protected next(): AesGcmParams {
    return { name: 'AES-GCM', iv: nonce(this.#count++) }
  }
}

/**
 * Seals a sequence of messages with one key. The nonce is a counter that is not sent: a message that
 * is dropped, repeated, altered or out of order does not open, and neither does anything after it.
 */
export class Sealer extends CountedKey {
  /** The order of calls counts, not that of results. */
  async seal(bytes: Bytes): Promise<Bytes> {
    return new Uint8Array(await this.subtle.encrypt(this.next(), this.key, bytes))
  }
}

/** Opens what a `Sealer` with the same key has sealed, in the same order. */
export class Opener extends CountedKey {
  /** Rejects if it is not the next message. */
  async open(bytes: Bytes): Promise<Bytes> {
    return new Uint8Array(await this.subtle.decrypt(this.next(), this.key, bytes))
  }
}

/** 96 bits. A key seals fewer than 2^53 messages. */
export const nonce = (count: number): Bytes => {
  const bytes = new Uint8Array(12)
  new DataView(bytes.buffer).setBigUint64(4, BigInt(count))
  return bytes
}
