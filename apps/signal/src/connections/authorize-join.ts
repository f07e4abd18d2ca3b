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
import { type Joining, joinInput } from './room-inputs.ts'

/** Who knocks: one connection, and what its address may do. */
export interface JoinRequest {
  readonly connection: ConnectionId
  readonly account: AddressAccount | null
  readonly context: ConnectionContext
}

/** What becomes of a join: it goes to its room with the rights of its token, or is turned away. */
export type JoinDecision =
  | { readonly type: 'entering'; readonly joining: Joining; readonly grant: Grant }
  | {
      readonly type: 'refused'
      readonly error: ErrorMessageOptions
      /** `null`: the connection may try again. */
      readonly close: CloseCode | null
    }

/** Judges a join: at once, unless its token has to be checked. */
export const authorizeJoin = (
  join: JoinMessage,
  request: JoinRequest,
): JoinDecision | Promise<JoinDecision> => {
  const { addresses, now, authorize } = request.context
  if (request.context.isDraining()) return draining
  // First of all: whoever comes too often costs no check and no key.
  const retryAfterMs = addresses.takeJoin(request.account, now())
  if (retryAfterMs > 0) {
    return {
      type: 'refused',
      error: { code: 'rate-limited', retryAfterMs, about: 'join' },
      close: null,
    }
  }
  const decision = authorize(join)
  if (!(decision instanceof Promise)) return decide(join, { decision, request })
  return decision.then((late) =>
    request.context.isDraining() ? draining : decide(join, { decision: late, request }),
  )
}

const draining: JoinDecision = {
  type: 'refused',
  error: { code: 'overloaded', retryAfterMs: 1_000, about: 'join' },
  close: closeCodes.goingAway,
}

const decide = (
  join: JoinMessage,
  { decision, request }: { readonly decision: AuthDecision; readonly request: JoinRequest },
): JoinDecision => {
  if (!decision.ok) return refused(decision.error)
  const grant = decision.value
  const joining = joinInput(join, { ...request, grant })
  return joining === null
    ? { type: 'refused', error: { code: 'resume-rejected', about: 'join' }, close: null }
    : { type: 'entering', joining, grant }
}

const refused = ({ code, message, retryAfterMs }: Denial): JoinDecision => ({
  type: 'refused',
  error: { code, message, about: 'join', ...(retryAfterMs === null ? {} : { retryAfterMs }) },
  close: retryAfterMs === null ? closeCodes.unauthorized : null,
})
