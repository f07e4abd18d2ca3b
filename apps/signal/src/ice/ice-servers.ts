import type { IceServer, Millis, PeerId } from '@skein/protocol'
import type { AddressAccount, AddressLedger } from '../limits/address-ledger.ts'
import { type IceSettings, stunServers, turnServers } from './turn-credentials.ts'

/** The ICE servers for one member, and when to renew them. */
export interface IceOffer {
  readonly iceServers: readonly IceServer[]
  /** When to send new credentials; `null` without TURN. */
  readonly renewAt: Millis | null
  /** `false` when TURN was left out because the address exceeded its rate of credentials. */
  readonly isComplete: boolean
}

/** Returns the ICE servers for a member, with its own TURN credential. */
export type IceServersFor = (peer: PeerId, account: AddressAccount | null) => IceOffer

/** Creates the function that issues ICE servers to members. */
export const createIceServers = ({
  settings,
  addresses,
  now,
  wallNow,
}: {
  readonly settings: IceSettings
  readonly addresses: AddressLedger
  readonly now: () => Millis
  /** Dates credentials: the TURN server compares them with its own wall clock. */
  readonly wallNow: () => Millis
}): IceServersFor => {
  const stun = stunServers(settings)
  const lifeMs = settings.turnTtlS * 1_000
  const hasTurn = settings.turnUrls.length > 0 && settings.turnSecret !== null
  return (peer, account) => {
    if (!hasTurn) return { iceServers: stun, renewAt: null, isComplete: true }
    const moment = now()
    if (!addresses.takeTurnCredential(account, moment)) {
      return { iceServers: stun, renewAt: moment + lifeMs * retryAfter, isComplete: false }
    }
    const iceServers = [...stun, ...turnServers(settings, peer, wallNow())]
    return { iceServers, renewAt: moment + lifeMs * renewAfter, isComplete: true }
  }
}

/** Well before expiry: a relay candidate gathered late still needs a valid credential. */
const renewAfter = 0.75
/** Leaves two more attempts before the credential of the member expires. */
const retryAfter = 0.1
