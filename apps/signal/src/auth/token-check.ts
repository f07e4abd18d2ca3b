import type { JoinMessage } from '@skein/protocol'
import { type JWTVerifyGetKey, jwtVerify } from 'jose'
import { errorFields, type Log } from '../telemetry/log.ts'
import { grantOf } from './claims.ts'
import { denialOf } from './denial.ts'
import { type AuthDecision, denied } from './grant.ts'
import { KeysUnavailable } from './remote-keys.ts'

export interface TokenCheckOptions {
  readonly keyOf: JWTVerifyGetKey
  /** The only ones accepted: a token's own `alg` must not be trusted. */
  readonly algorithms: readonly string[]
  readonly audience: string
  /** `null`: any, also none. */
  readonly issuer: string | null
  /** The highest priority of a token that names none. */
  readonly maxPriority: number
  readonly log: Log
}

/** Typical tokens have some hundred bytes, those of identity providers some thousand. */
export const maxTokenLength = 8_192

/** Returns a check for the token of a join. Its promise never rejects. */
export const tokenCheck = (
  options: TokenCheckOptions,
): ((join: JoinMessage) => Promise<AuthDecision>) => {
  const { keyOf, algorithms, audience, issuer, maxPriority } = options
  const rules = {
    algorithms: [...algorithms],
    audience,
    ...(issuer === null ? {} : { issuer }),
    requiredClaims: ['exp', 'room'],
    clockTolerance: clockToleranceS,
  }
  return async ({ token, room }) => {
    if (token === null) return denied('A join needs a token here.')
    if (token.length > maxTokenLength) return tooLarge
    try {
      // Uses the wall clock, because other machines set the token's times.
      const { payload } = await jwtVerify(token, keyOf, rules)
      return grantOf(payload, { room, maxPriority })
    } catch (error) {
      return denialOf(error) ?? checkFailed(error, options.log)
    }
  }
}

/** More than the clocks of servers usually differ. */
const clockToleranceS = 5

const tooLarge: AuthDecision = {
  ok: false,
  error: {
    code: 'too-large',
    message: `The token is larger than ${maxTokenLength} bytes.`,
    retryAfterMs: null,
  },
}

/** The token may be valid, so the client is asked to retry. */
const checkFailed = (error: unknown, log: Log): AuthDecision => {
  const isExpected = error instanceof KeysUnavailable
  if (!isExpected) log.error(errorFields(error), 'token check failed')
  return {
    ok: false,
    error: {
      code: 'overloaded',
      message: 'Tokens cannot be checked at the moment.',
      retryAfterMs: isExpected ? error.retryAfterMs : 1_000,
    },
  }
}
