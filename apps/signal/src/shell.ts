import type { IceServer, Limits, Millis, PeerId } from '@skein/protocol'
import type { AddressAccount, AddressLedger } from './address-ledger.ts'
import type { Authority } from './auth/authority.ts'
import type { Bus } from './bus/bus.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import type { Heartbeat } from './heartbeat.ts'
import type { Load } from './load.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Newcomers } from './newcomers.ts'
import type { Nodes } from './nodes.ts'
import type { Outbox } from './outbox.ts'
import type { ResumeTokens } from './resume-tokens.ts'
import type { Rooms } from './rooms.ts'
import type { Store } from './store/store.ts'
import type { Tuning } from './tuning.ts'

/** What the connections of a server share: one object, so that each of them stays small. */
export interface Shell {
  readonly now: () => Millis
  readonly tuning: Tuning
  readonly limits: Limits
  readonly rooms: Rooms
  readonly store: Store
  readonly bus: Bus
  readonly nodes: Nodes
  readonly connections: Connections
  readonly heartbeat: Heartbeat
  readonly newcomers: Newcomers<Connection>
  readonly outbox: Outbox
  readonly load: Load
  readonly addresses: AddressLedger
  readonly tokens: ResumeTokens
  readonly authorize: Authority
  readonly metrics: Metrics
  readonly log: Log
  readonly ice: (peer: PeerId, account: AddressAccount | null) => IceOffer
  /** Whether a token of that life of a store may open a room that is not there. */
  readonly mayRebuild: (boot: string) => boolean
  readonly isDraining: () => boolean
}

export interface IceOffer {
  readonly iceServers: readonly IceServer[]
  /** When fresh credentials are due; `null` when there are none. */
  readonly renewAt: Millis | null
  /** False: without TURN, for the address has had its share of credentials for now. */
  readonly isWhole: boolean
}
