import type { Millis } from '@skein/protocol'
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTVerifyGetKey,
} from 'jose'
import type { Tuning } from '../settings/tuning.ts'
import type { Log } from '../telemetry/log.ts'
import { denialOf } from './denial.ts'

/** The keys cannot be had now, so nobody's token can be judged. */
export class KeysUnavailable extends Error {
  readonly retryAfterMs: Millis

  constructor(retryAfterMs: Millis, cause: unknown) {
    super('the key set cannot be read', { cause })
    this.retryAfterMs = retryAfterMs
  }
}

export interface RemoteKeysOptions {
  readonly url: string
  readonly log: Log
  readonly tuning: Pick<Tuning, 'keySetTimeoutMs' | 'keySetPauseMs'>
}

/**
 * The public keys behind a URL: read at once, kept for ten minutes, read anew for a key that is not
 * among them. Whatever tokens come, the URL is asked one time in a pause at most.
 */
export const remoteKeys = ({ url, log, tuning }: RemoteKeysOptions): JWTVerifyGetKey => {
  const { keySetTimeoutMs: timeoutDuration, keySetPauseMs: pauseMs } = tuning
  let pauseUntil = Number.NEGATIVE_INFINITY
  let isBrokenKeySaid = false
  const unreadable = (cause: unknown): never => {
    pauseUntil = performance.now() + pauseMs
    log.warn({ reason: reasonOf(cause) }, 'could not fetch the keys from SKEIN_JWKS_URL')
    throw new KeysUnavailable(pauseMs, cause)
  }
  const readSet = async (href: string, options: RequestInit): Promise<Response> => {
    const waitMs = Math.ceil(pauseUntil - performance.now())
    if (waitMs > 0) throw new KeysUnavailable(waitMs, 'pause')
    const set = await readWhole(href, options).catch(unreadable)
    isBrokenKeySaid = false
    return set
  }
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration,
    cacheMaxAge: maxAgeMs,
    cooldownDuration: pauseMs,
    [customFetch]: readSet,
  })
  // The set was read. No pause: whoever names the broken key, again and again, would keep new ones away.
  const failed = (cause: unknown): never => {
    if (cause instanceof KeysUnavailable || denialOf(cause) !== null) throw cause
    const reason = reasonOf(cause)
    if (!isBrokenKeySaid) log.warn({ reason }, 'invalid key from SKEIN_JWKS_URL')
    isBrokenKeySaid = true
    throw new KeysUnavailable(pauseMs, cause)
  }
  // An operator sees at the start, not at the first join, that the URL is wrong.
  keys.reload().catch(ignore)
  return (header, token) => keys(header, token).catch(failed)
}

const maxAgeMs = 600_000
/** Some hundred keys. */
const maxBytes = 1024 * 1024

const readWhole = async (url: string, options: RequestInit): Promise<Response> => {
  const response = await fetch(url, options)
  const { status, body } = response
  if (status !== 200 || body === null) {
    // Unread, it would keep its socket.
    await body?.cancel()
    throw new errors.JOSEError(`HTTP status ${status}`)
  }
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new errors.JOSEError(`more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return readable(Buffer.concat(chunks))
}

/** What is no set fails here, as part of the reading: it is read anew after a pause. */
const readable = (bytes: Buffer<ArrayBuffer>): Response => {
  createLocalJWKSet(JSON.parse(bytes.toString()))
  return new Response(bytes)
}

/** Words of the platform and of `jose`: nothing in them comes from a client. */
const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return 'unknown'
  const inner = cause.cause
  const code = inner instanceof Error && 'code' in inner ? `: ${String(inner.code)}` : ''
  return `${cause.message}${code}`
}

/** It was logged. */
const ignore = (): void => {}
