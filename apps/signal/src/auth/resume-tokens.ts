import { createHash, createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { type Millis, type PeerId, peerId } from '@skein/protocol'
import type { ResumeClaims } from '@skein/protocol/room'

/** Signs what a member needs to come back, and tells later whether it did. */
export interface ResumeTokens {
  readonly sign: (claims: ResumeClaims, now: Millis) => string
  /** `null`: forged, foreign, cut short, or expired. */
  readonly verify: (token: string, now: Millis) => VerifiedClaims | null
}

export interface VerifiedClaims {
  readonly claims: ResumeClaims
  /** In which life of the store it was signed. */
  readonly boot: string
}

export interface ResumeTokenOptions {
  readonly secret: string
  /** Names this life of what keeps the rooms. */
  readonly boot: () => string
  readonly lifeMs: Millis
}

/**
 * A token is `payload.mac`, both base64url: the payload is JSON, the mac HMAC-SHA256 over the
 * payload's text. The key is derived, so that the secret may sign other things too.
 */
export const resumeTokens = ({ secret, boot, lifeMs }: ResumeTokenOptions): ResumeTokens => {
  const derived = createHash('sha256').update(`skein resume token 1\0${secret}`).digest()
  // Made once: of plain bytes `createHmac` makes one each time, which takes longer than all else.
  const key = createSecretKey(derived)
  const macOf = (payload: string): Buffer => createHmac('sha256', key).update(payload).digest()
  return {
    sign: (claims, now) => {
      const { tokenSerial: generation, ...rest } = claims
      const content = { ...rest, generation, boot: boot(), expires: now + lifeMs }
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

/** The mac proves that we wrote it; the fields are checked all the same, for tokens of old versions. */
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
    // The name that tokens have always carried: those signed before a deploy stay valid.
    tokenSerial: number('generation'),
    term: number('term'),
    online: number('online'),
    expires: number('expires'),
  }
  if (Object.values(numbers).some(Number.isNaN)) return null
  return { room, id: peerId(id), boot, host: nullOrPeer(host), sub: text('sub'), ...numbers }
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
