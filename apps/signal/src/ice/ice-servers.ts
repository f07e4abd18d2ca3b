import type { Millis } from '@skein/protocol'
import type { Shell } from '../connections/connection-context.ts'
import type { AddressLedger } from '../limits/address-ledger.ts'
import { type IceSettings, stunServers, turnServers } from './turn-credentials.ts'

/** Which ICE servers a member is told, and when it needs to be told anew. */
export const iceOffers = ({
  settings,
  addresses,
  now,
  wallNow,
}: {
  readonly settings: IceSettings
  readonly addresses: AddressLedger
  readonly now: () => Millis
  /** The TURN server compares with its own. */
  readonly wallNow: () => Millis
}): Shell['ice'] => {
  const stun = stunServers(settings)
  const lifeMs = settings.turnTtlS * 1_000
  const hasTurn = settings.turnUrls.length > 0 && settings.turnSecret !== null
  return (peer, account) => {
    if (!hasTurn) return { iceServers: stun, renewAt: null, isWhole: true }
    const moment = now()
    if (!addresses.takeTurnCredential(account, moment)) {
      return { iceServers: stun, renewAt: moment + lifeMs * retryAfter, isWhole: false }
    }
    const iceServers = [...stun, ...turnServers(settings, peer, wallNow())]
    return { iceServers, renewAt: moment + lifeMs * renewAfter, isWhole: true }
  }
}

/** Well before the end: a relay that is gathered late needs a credential that is still good. */
const renewAfter = 0.75
/** Twice more before the end of the one that a member has. */
const retryAfter = 0.1
