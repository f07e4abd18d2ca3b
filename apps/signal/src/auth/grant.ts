import type { ErrorCode, Millis, Result } from '@skein/protocol'
import type { Identity, Self } from '@skein/protocol/room'

/** What a connection may do, by the token that it joined with. */
export interface Grant {
  readonly identity: Identity | null
  readonly canHost: boolean
  readonly maxPriority: number
  readonly mayKick: boolean
}

/** Why a join is not let in. */
export interface Denial {
  readonly code: Extract<ErrorCode, 'unauthorized' | 'too-large' | 'overloaded'>
  readonly message: string
  /** When it is worth another try; `null`: it is not. */
  readonly retryAfterMs: Millis | null
}

export type AuthDecision = Result<Grant, Denial>

/** Whoever joins a server that asks for no token. */
export const everybody: Grant = { identity: null, canHost: true, maxPriority: 100, mayKick: false }

/** What someone says of itself, within its rights. What is not named stays so. */
export const bounded = <Change extends Partial<Self>>(change: Change, grant: Grant): Change => {
  const { canHost, priority } = change
  return {
    ...change,
    ...(canHost === undefined ? {} : { canHost: canHost && grant.canHost }),
    ...(priority === undefined ? {} : { priority: Math.min(priority, grant.maxPriority) }),
  }
}

export const denied = (message: string): Extract<AuthDecision, { ok: false }> => ({
  ok: false,
  error: { code: 'unauthorized', message, retryAfterMs: null },
})
