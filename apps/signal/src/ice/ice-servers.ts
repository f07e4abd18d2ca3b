import type { IceServer, Millis, PeerId } from '@skein/protocol'
import type { AddressAccount, AddressLedger } from '../limits/address-ledger.ts'
import { type IceSettings, stunServers, turnServers } from './turn-credentials.ts'

/** The ICE servers of one member, and when it needs fresh ones. */
export interface IceOffer {
  readonly iceServers: readonly IceServer[]
  /** When fresh credentials are due; `null` when there are none. */
  readonly renewAt: Millis | null
  /** `false` when TURN was left out because the address used up its share of credentials. */
  readonly isWhole: boolean
}

export type IceServersFor = (peer: PeerId, account: AddressAccount | null) => IceOffer

/** Returns the ICE servers for each member, with TURN credentials of its own. */
export const createIceServers = ({
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
}): IceServersFor => {
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
