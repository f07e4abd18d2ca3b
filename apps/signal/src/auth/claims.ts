import type { Result } from '@skein/protocol'
import type { Identity } from '@skein/protocol/room'
import type { JWTPayload } from 'jose'
import { type AuthDecision, denied, everybody } from './grant.ts'

/**
 * The rights that the claims of a verified token give in that room. A claim of the wrong kind is no
 * right and no absence: the token is refused, or a slip in the issuer would give what it was to deny.
 */
export const grantOf = (claims: JWTPayload, room: string): AuthDecision => {
  if (claims.room !== room) return denied('The token is for another room.')
  const identity = identityOf(claims)
  if (!identity.ok) return denied(identity.error)
  const canHost = flag(claims, { name: 'canHost', otherwise: everybody.canHost })
  if (!canHost.ok) return denied(canHost.error)
  const mayKick = flag(claims, { name: 'kick', otherwise: everybody.mayKick })
  if (!mayKick.ok) return denied(mayKick.error)
  const { priority: maxPriority = everybody.maxPriority } = claims
  if (!isPriority(maxPriority)) {
    return denied('The claim "priority" must be a whole number from 0 to 100.')
  }
  return {
    ok: true,
    value: {
      identity: identity.value,
      canHost: canHost.value,
      maxPriority,
      mayKick: mayKick.value,
    },
  }
}

/** As many as OpenID Connect allows; it travels in resume tokens and in the state of the room. */
const maxSubLength = 255

const identityOf = (claims: JWTPayload): Result<Identity | null, string> => {
  const isSingle = flag(claims, { name: 'single', otherwise: false })
  if (!isSingle.ok) return isSingle
  const sub: unknown = claims.sub
  if (sub === undefined) {
    return isSingle.value
      ? { ok: false, error: 'The claim "single" needs a "sub": the one there may be once.' }
      : { ok: true, value: null }
  }
  return typeof sub === 'string' && sub.length > 0 && sub.length <= maxSubLength
    ? { ok: true, value: { sub, isSingle: isSingle.value } }
    : { ok: false, error: `The claim "sub" must be a text of 1 to ${maxSubLength} characters.` }
}

const flag = (
  claims: JWTPayload,
  { name, otherwise }: { readonly name: string; readonly otherwise: boolean },
): Result<boolean, string> => {
  const value = claims[name] ?? otherwise
  return typeof value === 'boolean' && claims[name] !== null
    ? { ok: true, value }
    : { ok: false, error: `The claim "${name}" must be true or false.` }
}

const isPriority = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100
