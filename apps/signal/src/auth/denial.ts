import { errors } from 'jose'
import { type AuthDecision, denied } from './grant.ts'

/** The denial for a token that failed verification; `null` when the token is not the cause. */
export const denialOf = (error: unknown): AuthDecision | null => {
  if (error instanceof errors.JWTClaimValidationFailed) return denied(claimMessage(error))
  const message = error instanceof errors.JOSEError ? messages.get(error.code) : undefined
  return message === undefined ? null : denied(message)
}

const unreadable = 'The token is not a JWT that this server can read.'
const unknownKey = 'The token is signed with a key that is not known here.'

const messages: ReadonlyMap<string, string> = new Map([
  [errors.JWTExpired.code, 'The token has expired.'],
  [errors.JWSSignatureVerificationFailed.code, 'The signature of the token is invalid.'],
  [errors.JOSEAlgNotAllowed.code, 'The token is signed in a way that is not allowed here.'],
  [errors.JWKSNoMatchingKey.code, unknownKey],
  [errors.JWKSMultipleMatchingKeys.code, unknownKey],
  [errors.JWSInvalid.code, unreadable],
  [errors.JWTInvalid.code, unreadable],
  [errors.JOSENotSupported.code, unreadable],
])

const claimMessage = ({ claim, reason }: errors.JWTClaimValidationFailed): string => {
  if (reason === 'missing') return `The token has no "${claim}".`
  if (claim === 'aud') return 'The token is for another audience.'
  if (claim === 'iss') return 'The token is from another issuer.'
  if (claim === 'nbf' && reason === 'check_failed') return 'The token is not valid yet.'
  return `The claim "${claim}" of the token is not valid.`
}
