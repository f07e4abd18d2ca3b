import type { ErrorCode, Millis, Result } from '@skein/protocol'
import type { Identity, Self } from '@skein/protocol/room'

/** The rights of a connection, from the token that it joined with. */
export interface Grant {
  readonly identity: Identity | null
  readonly canHost: boolean
  readonly maxPriority: number
  readonly mayKick: boolean
}

/** Why a join is not allowed. */
export interface Denial {
  readonly code: Extract<ErrorCode, 'unauthorized' | 'too-large' | 'overloaded'>
  readonly message: string
  /** When to retry; `null`: a retry is pointless. */
  readonly retryAfterMs: Millis | null
}

export type AuthDecision = Result<Grant, Denial>

/**
 * The rights without a token, and the defaults for rights that a token does not mention.
 * `SKEIN_MAX_PRIORITY` may lower the priority.
 */
export const defaultGrant: Grant = {
  identity: null,
  canHost: true,
  maxPriority: 100,
  mayKick: false,
}

/** Limits what a member sets for itself to its rights. Missing fields stay missing. */
export const limitToGrant = <Change extends Partial<Self>>(
  change: Change,
  grant: Grant,
): Change => {
  const { canHost, priority } = change
  return {
    ...change,
    ...(canHost === undefined ? {} : { canHost: canHost && grant.canHost }),
    ...(priority === undefined ? {} : { priority: Math.min(priority, grant.maxPriority) }),
  }
}

/** A final denial: the client needs another token. */
export const denied = (message: string): Extract<AuthDecision, { ok: false }> => ({
  ok: false,
  error: { code: 'unauthorized', message, retryAfterMs: null },
})
