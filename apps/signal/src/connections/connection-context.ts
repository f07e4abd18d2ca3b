import type { IceServer, Limits, Millis, PeerId } from '@skein/protocol'
import type { Authority } from '../auth/authority.ts'
import type { ResumeTokens } from '../auth/resume-tokens.ts'
import type { Bus } from '../backbone/bus/bus.ts'
import type { Nodes } from '../backbone/nodes/nodes.ts'
import type { Store } from '../backbone/store/store.ts'
import type { AddressAccount, AddressLedger } from '../limits/address-ledger.ts'
import type { Load } from '../limits/process-load.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { Tuning } from '../settings/tuning.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Outbox } from '../wire/write-batcher.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connection-table.ts'
import type { Heartbeat } from './heartbeat.ts'
import type { Newcomers } from './join-deadlines.ts'

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
