import type { IceCandidate, PeerId, SessionDescription, SignalData } from '@skein/protocol'
import { isObject } from '../base/json.ts'
import { concat, utf8 } from '../core/bytes.ts'
import { fromBase64, toBase64 } from './base64.ts'
import type { Keyring, Subtle } from './keyring.ts'
import * as limits from './limits.ts'
import { nonce } from './seal.ts'

export interface SealedSignalsOptions {
  readonly subtle: Subtle
  readonly keyring: Keyring
  readonly self: () => PeerId
}

const countBytes = 8
const noSalt = new Uint8Array(0)
const decoder = new TextDecoder()

/**
 * Signals that travel through members. They are sealed for the peer, because who can write a signal
 * in the name of another can pass itself off as that other. A signal may come by several ways: each
 * has a number, and only the first one counts.
 */
export class SealedSignals {
  readonly #options: SealedSignalsOptions
  /** How many were sealed for each peer: the nonce. Kept as long as the key pair, which is always. */
  readonly #counts = new Map<PeerId, number>()
  readonly #seen = new Map<PeerId, Set<number>>()
  /** Signals stay in order. */
  #sealing: Promise<unknown> = Promise.resolve()
  #opening: Promise<unknown> = Promise.resolve()

  constructor(options: SealedSignalsOptions) {
    this.#options = options
  }

  /** Calls `send` with the sealed signal, unless the peer's key is not known. */
  seal(to: PeerId, data: SignalData, send: (sealed: string) => void): void {
    const count = this.#counts.get(to) ?? 0
    this.#counts.set(to, count + 1)
    this.#sealing = this.#sealing.then(async () => {
      try {
        const { subtle } = this.#options
        const key = await this.#key(to, { isOwn: true })
        if (!key) return
        const [iv, text] = [nonce(count), utf8(JSON.stringify(data))]
        const sealed = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv }, key, text))
        send(toBase64(concat([iv.subarray(-countBytes), sealed])))
      } catch {
        // The page is going away; the server is still a way.
      }
    })
  }

  /** Calls `take` with the signal, unless it is not from that peer, or has come before. */
  open(from: PeerId, text: unknown, take: (data: SignalData) => void): void {
    if (typeof text !== 'string' || text.length > limits.maxSignalLength) return
    const bytes = fromBase64(text)
    if (!bytes || bytes.length < countBytes) return
    const count = Number(new DataView(bytes.buffer).getBigUint64(0))
    this.#opening = this.#opening.then(async () => {
      if (!this.#isNew(from, count)) return
      const data = await this.#open(from, count, bytes.subarray(countBytes))
      if (!data) return
      this.#remember(from, count)
      take(data)
    })
  }

  /** The peer has another key: its numbers begin again. */
  restart(peer: PeerId): void {
    this.#seen.delete(peer)
  }

  async #open(
    from: PeerId,
    count: number,
    sealed: Uint8Array<ArrayBuffer>,
  ): Promise<SignalData | null> {
    try {
      const { subtle } = this.#options
      const key = await this.#key(from, { isOwn: false })
      if (!key) return null
      const iv = nonce(count)
      return readSignal(await subtle.decrypt({ name: 'AES-GCM', iv }, key, sealed))
    } catch {
      // Not from this peer.
      return null
    }
  }

  #key(peer: PeerId, { isOwn }: { readonly isOwn: boolean }): Promise<CryptoKey | null> {
    const { keyring, self } = this.#options
    const [from, to] = isOwn ? [self(), peer] : [peer, self()]
    return keyring.derive(peer, { purpose: 'signal', from, to, salt: noSalt })
  }

  #isNew(from: PeerId, count: number): boolean {
    const seen = this.#seen.get(from)
    const isOld = seen && seen.size >= limits.maxSeen && count < Math.min(...seen)
    return !(isOld || seen?.has(count)) && Number.isSafeInteger(count)
  }

  #remember(from: PeerId, count: number): void {
    const seen = this.#seen.get(from) ?? new Set()
    this.#seen.set(from, seen.add(count))
    if (seen.size > limits.maxSeen) seen.delete(Math.min(...seen))
  }
}

/** The server checks signals that it relays; nobody has checked these. */
const readSignal = (bytes: ArrayBuffer): SignalData | null => {
  const data: unknown = JSON.parse(decoder.decode(bytes))
  const link = isObject(data) ? readLink(data.link) : null
  if (!isObject(data) || !link) return null
  const { type, description, candidate } = data
  if (type === 'description') {
    const checked = readDescription(description)
    return checked && { link, type, description: checked }
  }
  const isKnown = type === 'candidate' && (candidate === null || isCandidate(candidate))
  return isKnown ? { link, type, candidate } : null
}

const readLink = (link: unknown): SignalData['link'] | null => {
  const { local, remote } = isObject(link) ? link : {}
  const isValid = typeof local === 'string' && (remote === null || typeof remote === 'string')
  return isValid ? { local, remote } : null
}

const readDescription = (description: unknown): SessionDescription | null => {
  const { type, sdp } = isObject(description) ? description : {}
  const isValid = typeof sdp === 'string' && (type === 'offer' || type === 'answer')
  return isValid ? { type, sdp } : null
}

const isCandidate = (value: unknown): value is IceCandidate => {
  if (!isObject(value)) return false
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = value
  const areTexts = [candidate, sdpMid, usernameFragment].every(
    (text) => typeof (text ?? '') === 'string',
  )
  return areTexts && typeof (sdpMLineIndex ?? 0) === 'number'
}
