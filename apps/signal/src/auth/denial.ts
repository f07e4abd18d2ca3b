import { errors } from 'jose'
import { type AuthDecision, denied } from './grant.ts'

/** What is wrong with a token, for whoever sent it; `null`: the token is not to blame. */
export const denialOf = (error: unknown): AuthDecision | null => {
  if (error instanceof errors.JWTClaimValidationFailed) return denied(claimSentence(error))
  const sentence = error instanceof errors.JOSEError ? sentences.get(error.code) : undefined
  return sentence === undefined ? null : denied(sentence)
}

const notReadable = 'The token is not a JWT that can be read here.'
const unknownKey = 'The token is signed with a key that is not known here.'

const sentences: ReadonlyMap<string, string> = new Map([
  [errors.JWTExpired.code, 'The token has expired.'],
  [errors.JWSSignatureVerificationFailed.code, 'The signature of the token is not right.'],
  [errors.JOSEAlgNotAllowed.code, 'The token is signed in a way that is not allowed here.'],
  [errors.JWKSNoMatchingKey.code, unknownKey],
  [errors.JWKSMultipleMatchingKeys.code, unknownKey],
  [errors.JWSInvalid.code, notReadable],
  [errors.JWTInvalid.code, notReadable],
  [errors.JOSENotSupported.code, notReadable],
])

const claimSentence = ({ claim, reason }: errors.JWTClaimValidationFailed): string => {
  if (reason === 'missing') return `The token has no "${claim}".`
  if (claim === 'aud') return 'The token is for another audience.'
  if (claim === 'nbf' && reason === 'check_failed') return 'The token is not valid yet.'
  return `The claim "${claim}" of the token is not valid.`
}
