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

/** Keys could not be fetched, so tokens cannot be checked now. */
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
 * The public keys at a URL. They are fetched at once, cached for ten minutes, and fetched again
 * when a token names an unknown key. Whatever tokens arrive, there is at most one fetch per pause.
 */
export const remoteKeys = ({ url, log, tuning }: RemoteKeysOptions): JWTVerifyGetKey => {
  const { keySetTimeoutMs: timeoutDuration, keySetPauseMs: pauseMs } = tuning
  let pauseUntil = Number.NEGATIVE_INFINITY
  let isInvalidKeyLogged = false
  const fetchFailed = (cause: unknown): never => {
    pauseUntil = performance.now() + pauseMs
    log.warn({ reason: reasonOf(cause) }, 'could not fetch the keys from SKEIN_JWKS_URL')
    throw new KeysUnavailable(pauseMs, cause)
  }
  const fetchKeySet = async (href: string, options: RequestInit): Promise<Response> => {
    const waitMs = Math.ceil(pauseUntil - performance.now())
    if (waitMs > 0) throw new KeysUnavailable(waitMs, 'pause')
    const response = await fetchWhole(href, options).catch(fetchFailed)
    isInvalidKeyLogged = false
    return response
  }
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration,
    cacheMaxAge: maxAgeMs,
    cooldownDuration: pauseMs,
    [customFetch]: fetchKeySet,
  })
  // No pause here, because the set was fetched: otherwise tokens that name the invalid key could
  // delay the fetch of new keys.
  const lookupFailed = (cause: unknown): never => {
    if (cause instanceof KeysUnavailable || denialOf(cause) !== null) throw cause
    const reason = reasonOf(cause)
    if (!isInvalidKeyLogged) log.warn({ reason }, 'invalid key from SKEIN_JWKS_URL')
    isInvalidKeyLogged = true
    throw new KeysUnavailable(pauseMs, cause)
  }
  // Shows a wrong URL at startup, not at the first join.
  keys.reload().catch(alreadyLogged)
  return (header, token) => keys(header, token).catch(lookupFailed)
}

const maxAgeMs = 600_000
/** Enough for some hundred keys. */
const maxBytes = 1024 * 1024

const fetchWhole = async (url: string, options: RequestInit): Promise<Response> => {
  const response = await fetch(url, options)
  const { status, body } = response
  if (status !== 200 || body === null) {
    // An unread body would keep its socket open.
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
  return validated(Buffer.concat(chunks))
}

/** Throws when the body is not a key set, so that it counts as a failed fetch. */
const validated = (bytes: Buffer<ArrayBuffer>): Response => {
  createLocalJWKSet(JSON.parse(bytes.toString()))
  return new Response(bytes)
}

/** Messages of the platform and of `jose`: they contain nothing from a client. */
const reasonOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return 'unknown'
  const inner = cause.cause
  const code = inner instanceof Error && 'code' in inner ? `: ${String(inner.code)}` : ''
  return `${cause.message}${code}`
}

const alreadyLogged = (): void => {}
