import { createHash, createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { type Millis, type PeerId, peerId } from '@skein/protocol'
import type { ResumeClaims } from '@skein/protocol/room'

/** Signs and verifies the tokens with which members resume. */
export interface ResumeTokens {
  readonly sign: (claims: ResumeClaims, now: Millis) => string
  /** `null`: forged, signed with another secret, truncated, or expired. */
  readonly verify: (token: string, now: Millis) => VerifiedClaims | null
}

export interface VerifiedClaims {
  readonly claims: ResumeClaims
  /** The life of the store in which the token was signed. */
  readonly boot: string
}

export interface ResumeTokenOptions {
  readonly secret: string
  /** The ID of the store's current life. */
  readonly boot: () => string
  readonly lifeMs: Millis
}

/**
 * A token is `payload.mac`, both base64url. The payload is JSON; the MAC is HMAC-SHA256 over the
 * encoded payload. The key is derived, so that the secret can sign other things too.
 */
export const resumeTokens = ({ secret, boot, lifeMs }: ResumeTokenOptions): ResumeTokens => {
  const derived = createHash('sha256').update(`skein resume token 1\0${secret}`).digest()
  // A key object, because `createHmac` would create one from bytes each time, at a higher cost than
  // everything else here.
  const key = createSecretKey(derived)
  const macOf = (payload: string): Buffer => createHmac('sha256', key).update(payload).digest()
  return {
    sign: (claims, now) => {
      const { tokenSerial, ...rest } = claims
      const content = { ...rest, generation: tokenSerial, boot: boot(), expires: now + lifeMs }
      const payload = Buffer.from(JSON.stringify(content)).toString('base64url')
      return `${payload}.${macOf(payload).toString('base64url')}`
    },
    verify: (token, now) => {
      const [payload = '', mac = '', ...rest] = token.split('.')
      const given = Buffer.from(mac, 'base64url')
      const expected = macOf(payload)
      if (rest.length > 0 || given.length !== expected.length) return null
      if (!timingSafeEqual(given, expected)) return null
      const content = parse(payload)
      if (content === null || content.expires <= now) return null
      const { boot: signedBy, expires: _, ...claims } = content
      return { claims, boot: signedBy }
    },
  }
}

interface Content extends ResumeClaims {
  readonly boot: string
  readonly expires: Millis
}

/**
 * The MAC is valid, but the fields are still checked, because an older version may have signed it.
 */
const parse = (payload: string): Content | null => {
  const value = parseJson(Buffer.from(payload, 'base64url').toString())
  if (typeof value !== 'object' || value === null) return null
  const fields = new Map<string, unknown>(Object.entries(value))
  const text = (name: string): string | null => textOrNull(fields.get(name))
  const number = (name: string): number => numberOrNaN(fields.get(name))
  const [room, id, boot, host] = [text('room'), text('id'), text('boot'), text('host')]
  if (room === null || id === null || boot === null) return null
  const numbers = {
    epoch: number('epoch'),
    joinOrder: number('joinOrder'),
    // Tokens keep this field name, so that those signed before a deploy stay valid.
    tokenSerial: number('generation'),
    term: number('term'),
    online: number('online'),
    expires: number('expires'),
  }
  if (Object.values(numbers).some(Number.isNaN)) return null
  const peers = { id: peerId(id), host: nullOrPeer(host), ...kickedOf(fields.get('kicked')) }
  return { room, boot, sub: text('sub'), ...peers, ...numbers }
}

/** As many as a room remembers, so that a token of another version cannot make the list grow. */
const maxKicked = 16

const kickedOf = (value: unknown): Pick<ResumeClaims, 'kicked'> => {
  const ids = Array.isArray(value) ? value.filter((id) => typeof id === 'string') : []
  return ids.length === 0 ? {} : { kicked: ids.slice(-maxKicked).map((id) => peerId(id)) }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const numberOrNaN = (value: unknown): number => (typeof value === 'number' ? value : Number.NaN)
const nullOrPeer = (id: string | null): PeerId | null => (id === null ? null : peerId(id))
