import { SignJWT } from 'jose'

/**
 * What a token says of its holder. What is left out is not said, and the server's default holds.
 */
export interface MintTokenOptions {
  /** The text of `SKEIN_JWT_KEY`, 32 bytes or more. It never leaves your server. */
  readonly key: string
  /** The text of `SKEIN_JWT_AUDIENCE`. */
  readonly audience: string
  /** The one room it opens, taken verbatim: 1–128 bytes of UTF-8. */
  readonly room: string
  /**
   * For how many seconds it opens the room. Default: 300. It is asked for at each join and at each
   * return after a lost connection, not while a connection lasts: keep it short, and let the page
   * ask for another each time (`token` of `joinRoom` may be a function).
   */
  readonly lifeS?: number
  /** Who it is, 1–255 characters, such as the id of an account. The other members never see it. */
  readonly sub?: string
  /**
   * Whether this `sub` may be in the room once: the newest takes the place of the others. Needs
   * `sub`. Default: `false`.
   */
  readonly single?: boolean
  /** Whether it may become host. Default: `true`. */
  readonly canHost?: boolean
  /** The highest priority it may ask for, 0–100. Default: 100. */
  readonly priority?: number
  /** Whether it may remove others from the room. Default: `false`. */
  readonly kick?: boolean
}

/**
 * A token (JWT, HS256) that lets its holder into one room of a server with `SKEIN_AUTH=token`. Runs
 * wherever Web Crypto is: Node, Deno, Bun, workers.
 *
 * @throws TypeError when an option is not as described.
 * @example
 * const token = await mintToken({ key, audience: 'my-app', room: 'blue-door', sub: account.id })
 */
export const mintToken = async (options: MintTokenOptions): Promise<string> => {
  const wrong = faultOf(options)
  if (wrong !== null) throw new TypeError(`mintToken: ${wrong}.`)
  const { key, audience, lifeS = 300, ...claims } = options
  const issuedAt = Math.floor(Date.now() / 1_000)
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setAudience(audience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifeS)
    .sign(new TextEncoder().encode(key))
}

/** `null`: all is well. Said where the token is made, not where a request is turned away. */
const faultOf = (options: MintTokenOptions): string | null => {
  const { key, audience, room, lifeS = 300, sub = null, single = false, priority = 0 } = options
  const rules: readonly (readonly [isKept: boolean, rule: string])[] = [
    [isWithin(bytesOf(key), [32, Infinity]), '`key` must be at least 32 bytes long'],
    [audience !== '', '`audience` must not be empty'],
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
