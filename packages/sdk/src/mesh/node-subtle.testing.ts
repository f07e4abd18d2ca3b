import { createCipheriv, createDecipheriv, createECDH, ECDH, hkdfSync } from 'node:crypto'
import type { Subtle } from './keyring.ts'

/** A key of the fake: what WebCrypto hides. */
interface FakeKey {
  readonly bytes: Buffer
  readonly ecdh?: ECDH
}

const tagBytes = 16

/**
 * The real algorithms with the API of WebCrypto, but done within a microtask: threads do not follow a
 * virtual clock. `keys` records every secret key of AES.
 */
export const nodeSubtle = (keys: Buffer[] = []): Subtle => {
  const wrap = (bytes: Buffer, ecdh?: ECDH) =>
    ({ bytes, ...(ecdh && { ecdh }) }) as unknown as CryptoKey
  const unwrap = (key: CryptoKey) => key as unknown as FakeKey
  const fake = {
    generateKey: async () => {
      const ecdh = createECDH('prime256v1')
      const bytes = ecdh.generateKeys()
      return { publicKey: wrap(bytes), privateKey: wrap(Buffer.alloc(0), ecdh) }
    },
    exportKey: async (_format: string, key: CryptoKey) => exact(unwrap(key).bytes),
    importKey: async (_format: string, data: BufferSource, algorithm: string | object) => {
      const bytes = Buffer.from(toBytes(data))
      // Throws if it is not a point of the curve.
      if (algorithm !== 'HKDF') ECDH.convertKey(bytes, 'prime256v1')
      return wrap(bytes)
    },
    deriveBits: async ({ public: theirs }: { public: CryptoKey }, own: CryptoKey) =>
      exact(unwrap(own).ecdh?.computeSecret(unwrap(theirs).bytes) ?? Buffer.alloc(0)),
    deriveKey: async (
      { salt, info }: { salt: Uint8Array; info: Uint8Array },
      shared: CryptoKey,
    ) => {
      const bytes = Buffer.from(hkdfSync('sha256', unwrap(shared).bytes, salt, info, 32))
      keys.push(bytes)
      return wrap(bytes)
    },
    encrypt: async ({ iv }: { iv: Uint8Array }, key: CryptoKey, data: BufferSource) => {
      const cipher = createCipheriv('aes-256-gcm', unwrap(key).bytes, iv)
      const sealed = [cipher.update(toBytes(data)), cipher.final()]
      return exact(Buffer.concat([...sealed, cipher.getAuthTag()]))
    },
    decrypt: async ({ iv }: { iv: Uint8Array }, key: CryptoKey, data: BufferSource) => {
      const bytes = Buffer.from(toBytes(data))
      const decipher = createDecipheriv('aes-256-gcm', unwrap(key).bytes, iv)
      decipher.setAuthTag(bytes.subarray(-tagBytes))
      return exact(Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()]))
    },
  }
  return fake as unknown as Subtle
}

const toBytes = (data: BufferSource): Uint8Array =>
  ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)

/** Small Buffers share a larger ArrayBuffer. */
const exact = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer
