import type { Reader } from './setting-readers.ts'
import { StartError } from './start-error.ts'

/** Who may join. `null` is: not set. */
export interface AuthSettings {
  /** `token`: whoever has a JWT for the room. */
  readonly auth: 'open' | 'token'
  /** Secret of HS256, as text. */
  readonly jwtKey: string | null
  /** Where the public keys are. */
  readonly jwksUrl: string | null
  /** What the `aud` of a token must be. */
  readonly jwtAudience: string | null
}

export type Auth =
  | { readonly type: 'open' }
  | { readonly type: 'key'; readonly key: string; readonly audience: string }
  | { readonly type: 'key-set'; readonly url: string; readonly audience: string }

/** As long as the hash. @see https://www.rfc-editor.org/rfc/rfc7518#section-3.2 */
export const jwtKey: Reader<string> = (value) =>
  Buffer.byteLength(value) >= 32
    ? { ok: true, value }
    : { ok: false, error: 'at least 32 bytes long (try: openssl rand -base64 32)' }

/** Over TLS: whoever can change the keys on their way is let in everywhere. */
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

/** What the settings ask for; throws a `StartError` when they do not go together. */
export const readAuth = (settings: AuthSettings): Auth => {
  const { auth, jwtKey: key, jwksUrl: url, jwtAudience: audience } = settings
  if (auth === 'open') {
    const idle = Object.entries({
      SKEIN_JWT_KEY: key,
      SKEIN_JWKS_URL: url,
      SKEIN_JWT_AUDIENCE: audience,
    }).find(([, value]) => value !== null)
    if (idle === undefined) return { type: 'open' }
    throw new StartError(`${idle[0]} is set, but everybody may join: it needs SKEIN_AUTH=token.`)
  }
  if (audience === null) {
    throw new StartError('SKEIN_AUTH=token needs SKEIN_JWT_AUDIENCE, which is not set.')
  }
  if (key !== null && url !== null) {
    throw new StartError('SKEIN_JWT_KEY and SKEIN_JWKS_URL are both set; there can be one of them.')
  }
  if (key !== null)
    return { type: 'key', key: checked(jwtKey, { value: key, name: 'SKEIN_JWT_KEY' }), audience }
  if (url !== null)
    return {
      type: 'key-set',
      url: checked(jwksUrl, { value: url, name: 'SKEIN_JWKS_URL' }),
      audience,
    }
  throw new StartError('SKEIN_AUTH=token needs SKEIN_JWT_KEY or SKEIN_JWKS_URL; neither is set.')
}

/** Settings may also come from a program, past the readers. */
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
