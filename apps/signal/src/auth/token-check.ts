import type { JoinMessage } from '@skein/protocol'
import { type JWTVerifyGetKey, jwtVerify } from 'jose'
import { errorFields, type Log } from '../telemetry/log.ts'
import { grantOf } from './claims.ts'
import { denialOf } from './denial.ts'
import { type AuthDecision, denied } from './grant.ts'
import { KeysUnavailable } from './remote-keys.ts'

export interface TokenCheckOptions {
  readonly keyOf: JWTVerifyGetKey
  /** The only ones: what a token says of its algorithm is the word of whoever sent it. */
  readonly algorithms: readonly string[]
  readonly audience: string
  readonly log: Log
}

/** Tokens are some hundred bytes, those of identity providers some thousand. */
export const maxTokenLength = 8_192

/** Judges the token of a join. It never rejects. */
export const tokenCheck = (
  options: TokenCheckOptions,
): ((join: JoinMessage) => Promise<AuthDecision>) => {
  const { keyOf, algorithms, audience } = options
  const rules = {
    algorithms: [...algorithms],
    audience,
    requiredClaims: ['exp', 'room'],
    clockTolerance: clockToleranceS,
  }
  return async ({ token, room }) => {
    if (token === null) return denied('A join needs a token here.')
    if (token.length > maxTokenLength) return tooLarge
    try {
      // By the wall clock: its times are of other machines.
      const { payload } = await jwtVerify(token, keyOf, rules)
      return grantOf(payload, room)
    } catch (error) {
      return denialOf(error) ?? notNow(error, options.log)
    }
  }
}

/** Clocks of servers agree to less than that. */
const clockToleranceS = 5

const tooLarge: AuthDecision = {
  ok: false,
  error: {
    code: 'too-large',
    message: `The token is larger than ${maxTokenLength} bytes.`,
    retryAfterMs: null,
  },
}

/** The token may be good: whoever has it is asked to come again, not sent away. */
const notNow = (error: unknown, log: Log): AuthDecision => {
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
