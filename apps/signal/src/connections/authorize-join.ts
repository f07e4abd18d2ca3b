import {
  type CloseCode,
  type ConnectionId,
  closeCodes,
  type ErrorMessageOptions,
  type JoinMessage,
} from '@skein/protocol'
import type { AuthDecision, Denial, Grant } from '../auth/grant.ts'
import type { AddressAccount } from '../limits/address-ledger.ts'
import type { ConnectionContext } from './connection-context.ts'
import { joinInput, type QueuedJoin } from './room-inputs.ts'

/** The connection that asks to join, and the account of its address. */
export interface JoinRequest {
  readonly connection: ConnectionId
  readonly account: AddressAccount | null
  readonly context: ConnectionContext
}

/** Whether a join goes on to its room, and with which rights. */
export type JoinDecision =
  | { readonly type: 'accepted'; readonly join: QueuedJoin; readonly grant: Grant }
  | {
      readonly type: 'rejected'
      readonly error: ErrorMessageOptions
      /** `null`: the connection stays open and may try again. */
      readonly closeCode: CloseCode | null
    }

/** Decides on a join; synchronously, unless its token must be checked. */
export const authorizeJoin = (
  join: JoinMessage,
  request: JoinRequest,
): JoinDecision | Promise<JoinDecision> => {
  const { addresses, now, authorize } = request.context
  if (request.context.isDraining()) return draining
  // The rate limit comes first, so that excess joins cost no token check and no fetch of keys.
  const retryAfterMs = addresses.takeJoin(request.account, now())
  if (retryAfterMs > 0) {
    return {
      type: 'rejected',
      error: { code: 'rate-limited', retryAfterMs, about: 'join' },
      closeCode: null,
    }
  }
  const decision = authorize(join)
  if (!(decision instanceof Promise)) return decide(join, { decision, request })
  return decision.then((late) =>
    request.context.isDraining() ? draining : decide(join, { decision: late, request }),
  )
}

const draining: JoinDecision = {
  type: 'rejected',
  error: { code: 'overloaded', retryAfterMs: 1_000, about: 'join' },
  closeCode: closeCodes.goingAway,
}

const decide = (
  message: JoinMessage,
  { decision, request }: { readonly decision: AuthDecision; readonly request: JoinRequest },
): JoinDecision => {
  if (!decision.ok) return rejected(decision.error)
  const grant = decision.value
  const join = joinInput(message, { ...request, grant })
  return join === null
    ? { type: 'rejected', error: { code: 'resume-rejected', about: 'join' }, closeCode: null }
    : { type: 'accepted', join, grant }
}

const rejected = ({ code, message, retryAfterMs }: Denial): JoinDecision => ({
  type: 'rejected',
  error: { code, message, about: 'join', ...(retryAfterMs === null ? {} : { retryAfterMs }) },
  closeCode: retryAfterMs === null ? closeCodes.unauthorized : null,
})
