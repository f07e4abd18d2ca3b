import {
  type CloseCode,
  type ConnectionId,
  closeCodes,
  type ErrorMessageOptions,
  type JoinMessage,
} from '@skein/protocol'
import type { Denial, Grant, Verdict } from '../auth/grant.ts'
import type { AddressAccount } from '../limits/address-ledger.ts'
import type { Shell } from './connection-context.ts'
import { type Joining, joinInput } from './join-input.ts'

/** Who knocks: one connection, and what its address may do. */
export interface Guest {
  readonly connection: ConnectionId
  readonly account: AddressAccount | null
  readonly shell: Shell
}

/** What becomes of a join: it goes to its room with the rights of its token, or is turned away. */
export type Entrance =
  | { readonly type: 'entering'; readonly joining: Joining; readonly grant: Grant }
  | {
      readonly type: 'refused'
      readonly error: ErrorMessageOptions
      /** `null`: the connection may try again. */
      readonly close: CloseCode | null
    }

/** Judges a join: at once, unless its token has to be checked. */
export const enter = (join: JoinMessage, guest: Guest): Entrance | Promise<Entrance> => {
  const { addresses, now, authorize } = guest.shell
  if (guest.shell.isDraining()) return draining
  // First of all: whoever comes too often costs no check and no key.
  const retryAfterMs = addresses.takeJoin(guest.account, now())
  if (retryAfterMs > 0) {
    return {
      type: 'refused',
      error: { code: 'rate-limited', retryAfterMs, about: 'join' },
      close: null,
    }
  }
  const verdict = authorize(join)
  if (!(verdict instanceof Promise)) return judged(join, { verdict, guest })
  return verdict.then((late) =>
    guest.shell.isDraining() ? draining : judged(join, { verdict: late, guest }),
  )
}

const draining: Entrance = {
  type: 'refused',
  error: { code: 'overloaded', retryAfterMs: 1_000, about: 'join' },
  close: closeCodes.goingAway,
}

const judged = (
  join: JoinMessage,
  { verdict, guest }: { readonly verdict: Verdict; readonly guest: Guest },
): Entrance => {
  if (!verdict.ok) return refused(verdict.error)
  const grant = verdict.value
  const joining = joinInput(join, { ...guest, grant })
  return joining === null
    ? { type: 'refused', error: { code: 'resume-rejected', about: 'join' }, close: null }
    : { type: 'entering', joining, grant }
}

const refused = ({ code, message, retryAfterMs }: Denial): Entrance => ({
  type: 'refused',
  error: { code, message, about: 'join', ...(retryAfterMs === null ? {} : { retryAfterMs }) },
  close: retryAfterMs === null ? closeCodes.unauthorized : null,
})
