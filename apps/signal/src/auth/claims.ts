import type { Result } from '@skein/protocol'
import type { Identity } from '@skein/protocol/room'
import type { JWTPayload } from 'jose'
import { type AuthDecision, defaultGrant, denied } from './grant.ts'

/**
 * The rights that the claims of a verified token grant in that room. A claim of the wrong type
 * rejects the token: ignoring it could grant a right that the issuer meant to deny.
 */
export const grantOf = (
  claims: JWTPayload,
  { room, maxPriority: defaultPriority }: { readonly room: string; readonly maxPriority: number },
): AuthDecision => {
  if (claims.room !== room) return denied('The token is for another room.')
  const identity = identityOf(claims)
  if (!identity.ok) return denied(identity.error)
  const canHost = readFlag(claims, { name: 'canHost', defaultValue: defaultGrant.canHost })
  if (!canHost.ok) return denied(canHost.error)
  const mayKick = readFlag(claims, { name: 'kick', defaultValue: defaultGrant.mayKick })
  if (!mayKick.ok) return denied(mayKick.error)
  const { priority: maxPriority = defaultPriority } = claims
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

/** The limit of OpenID Connect. Resume tokens and the state of the room carry the `sub`. */
const maxSubLength = 255

const identityOf = (claims: JWTPayload): Result<Identity | null, string> => {
  const isSingle = readFlag(claims, { name: 'single', defaultValue: false })
  if (!isSingle.ok) return isSingle
  const sub: unknown = claims.sub
  if (sub === undefined) {
    return isSingle.value
      ? { ok: false, error: 'The claim "single" needs a "sub".' }
      : { ok: true, value: null }
  }
  return typeof sub === 'string' && sub.length > 0 && sub.length <= maxSubLength
    ? { ok: true, value: { sub, isSingle: isSingle.value } }
    : { ok: false, error: `The claim "sub" must be a string of 1 to ${maxSubLength} characters.` }
}

const readFlag = (
  claims: JWTPayload,
  { name, defaultValue }: { readonly name: string; readonly defaultValue: boolean },
): Result<boolean, string> => {
  const value = claims[name] ?? defaultValue
  return typeof value === 'boolean' && claims[name] !== null
    ? { ok: true, value }
    : { ok: false, error: `The claim "${name}" must be true or false.` }
}

const isPriority = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100
