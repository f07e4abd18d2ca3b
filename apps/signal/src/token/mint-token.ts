import { SignJWT } from 'jose'

/** The claims of a token. For a claim that is left out, the server's default applies. */
export interface MintTokenOptions {
  /** The text of `SKEIN_JWT_KEY`, 32 bytes or more. It never leaves your server. */
  readonly key: string
  /** The text of `SKEIN_JWT_AUDIENCE`. */
  readonly audience: string
  /** The text of `SKEIN_JWT_ISSUER`, if the server has one. */
  readonly issuer?: string
  /** The one room that the token is for, taken verbatim: 1–128 bytes of UTF-8. */
  readonly room: string
  /**
   * Lifetime in seconds. Default: 300. The token is checked at each join and at each resume after a
   * lost connection, not while a connection lasts: keep it short, and let the page fetch a new token
   * each time (`token` of `joinRoom` may be a function).
   */
  readonly lifeS?: number
  /** The holder, such as an account ID: 1–255 characters. The other members never see it. */
  readonly sub?: string
  /**
   * Whether this `sub` may be in the room only once: the newest member replaces the others. Needs
   * `sub`. Default: `false`.
   */
  readonly single?: boolean
  /** Whether the holder may become host. Default: `true`. */
  readonly canHost?: boolean
  /** The highest priority that the holder may set, 0–100. Default: 100. */
  readonly priority?: number
  /** Whether the holder may kick other members. Default: `false`. */
  readonly kick?: boolean
}

/**
 * Creates a token (a JWT, signed with HS256) for one room of a server with `SKEIN_AUTH=token`. Runs
 * wherever Web Crypto is available: Node, Deno, Bun, workers.
 *
 * @throws TypeError when an option is invalid.
 * @example
 * const token = await mintToken({ key, audience: 'my-app', room: 'blue-door', sub: account.id })
 */
export const mintToken = async (options: MintTokenOptions): Promise<string> => {
  const fault = faultOf(options)
  if (fault !== null) throw new TypeError(`mintToken: ${fault}.`)
  const { key, audience, issuer, lifeS = 300, ...claims } = options
  const issuedAt = Math.floor(Date.now() / 1_000)
  return new SignJWT(issuer === undefined ? claims : { ...claims, iss: issuer })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifeS)
    .sign(new TextEncoder().encode(key))
}

/** Finds an invalid option here, rather than when the server rejects the token; `null`: none. */
const faultOf = (options: MintTokenOptions): string | null => {
  const { key, audience, room, lifeS = 300, sub = null, single = false, priority = 0 } = options
  const rules: readonly (readonly [isKept: boolean, rule: string])[] = [
    [isWithin(bytesOf(key), [32, Infinity]), '`key` must be at least 32 bytes long'],
    [audience !== '', '`audience` must not be empty'],
    [options.issuer !== '', '`issuer` must not be empty'],
    [isWithin(bytesOf(room), [1, 128]), '`room` must have 1 to 128 bytes'],
    [isWithin(lifeS, [1, 1e9]), '`lifeS` must be a whole number of seconds'],
    [sub === null || isWithin(sub.length, [1, 255]), '`sub` must have 1 to 255 characters'],
    [!single || sub !== null, '`single` needs `sub`'],
    [isWithin(priority, [0, 100]), '`priority` must be a whole number from 0 to 100'],
  ]
  return rules.find(([isKept]) => !isKept)?.[1] ?? null
}

const isWithin = (value: number, [min, max]: readonly [min: number, max: number]): boolean =>
  Number.isInteger(value) && value >= min && value <= max

const bytesOf = (text: string): number => new TextEncoder().encode(text).length
