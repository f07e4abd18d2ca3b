import { longSecret, type Reader } from './setting-readers.ts'
import { StartError } from './start-error.ts'

/** The settings that control who may join. `null` means not set. */
export interface AuthSettings {
  /** `token`: a join requires a JWT for the room. */
  readonly auth: 'open' | 'token'
  /** The HS256 secret, as text. */
  readonly jwtKey: string | null
  /** URL of the JSON Web Key Set with the public keys. */
  readonly jwksUrl: string | null
  /** The required `aud` claim. */
  readonly jwtAudience: string | null
  /** The required `iss` claim. `null`: any issuer, also none. */
  readonly jwtIssuer: string | null
}

/** How the server authorizes joins. */
export type Auth =
  | { readonly type: 'open' }
  | (RequiredClaims & { readonly type: 'key'; readonly key: string })
  | (RequiredClaims & { readonly type: 'key-set'; readonly url: string })

/** What every JWT must say. */
interface RequiredClaims {
  readonly audience: string
  readonly issuer: string | null
}

/**
 * An HS256 key must be at least as long as the hash.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7518#section-3.2
 */
export const jwtKey: Reader<string> = longSecret

/** Requires TLS except on loopback: an attacker who replaces the keys could join every room. */
export const jwksUrl: Reader<string> = (value) => {
  const url = URL.canParse(value) ? new URL(value) : null
  const isSafe =
    url !== null &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)))
  return isSafe && url.username === '' && url.password === ''
    ? { ok: true, value }
    : {
        ok: false,
        error: 'a URL such as https://id.example.org/jwks.json (http on this machine only)',
      }
}

/** Returns how to authorize joins. Throws a `StartError` when the settings are inconsistent. */
export const readAuth = (settings: AuthSettings): Auth => {
  const { auth, jwtKey: key, jwksUrl: url, jwtAudience: audience, jwtIssuer: issuer } = settings
  if (auth === 'open') {
    const unused = Object.entries({
      SKEIN_JWT_KEY: key,
      SKEIN_JWKS_URL: url,
      SKEIN_JWT_AUDIENCE: audience,
      SKEIN_JWT_ISSUER: issuer,
    }).find(([, value]) => value !== null)
    if (unused === undefined) return { type: 'open' }
    throw new StartError(`${unused[0]} has no effect without SKEIN_AUTH=token.`)
  }
  if (audience === null) {
    throw new StartError('SKEIN_AUTH=token requires SKEIN_JWT_AUDIENCE.')
  }
  if (key !== null && url !== null) {
    throw new StartError('Set either SKEIN_JWT_KEY or SKEIN_JWKS_URL, not both.')
  }
  const required = { audience, issuer }
  if (key !== null) {
    const name = 'SKEIN_JWT_KEY'
    return { type: 'key', key: checked(jwtKey, { value: key, name }), ...required }
  }
  if (url !== null) {
    const name = 'SKEIN_JWKS_URL'
    return { type: 'key-set', url: checked(jwksUrl, { value: url, name }), ...required }
  }
  throw new StartError('SKEIN_AUTH=token requires SKEIN_JWT_KEY or SKEIN_JWKS_URL.')
}

/** Validates again: `startServer` may be called with settings that no reader has seen. */
const checked = (
  read: Reader<string>,
  { name, value }: { readonly name: string; readonly value: string },
): string => {
  const result = read(value)
  if (result.ok) return result.value
  throw new StartError(`${name} must be ${result.error}.`)
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname)
