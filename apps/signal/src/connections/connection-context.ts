import type { Limits, Millis } from '@skein/protocol'
import type { Authority } from '../auth/authority.ts'
import type { ResumeTokens } from '../auth/resume-tokens.ts'
import type { Bus } from '../backbone/bus/bus.ts'
import type { Nodes } from '../backbone/nodes/nodes.ts'
import type { IceServersFor } from '../ice/ice-servers.ts'
import type { AddressLedger } from '../limits/address-ledger.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { Tuning } from '../settings/tuning.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { WriteBatcher } from '../wire/write-batcher.ts'
import type { Attachable } from './connection-state.ts'
import type { Heartbeat, HostWatch } from './heartbeat.ts'
import type { HasJoinDeadline, JoinDeadlines } from './join-deadlines.ts'
import type { ReadPauses } from './read-pauses.ts'
import type { UpdatePacer } from './update-pacer.ts'

/** What connections need from the server. All share one object, so that each stays small. */
export interface ConnectionContext {
  readonly now: () => Millis
  readonly tuning: Tuning
  readonly limits: Limits
  readonly rooms: Pick<Rooms, 'dispatch' | 'snapshot'>
  readonly bus: Pick<Bus, 'signal' | 'cancelRetransmits'>
  readonly nodes: Pick<Nodes, 'isAwake'>
  readonly connections: ConnectionRegistry
  readonly heartbeat: Heartbeat
  readonly hostWatch: HostWatch
  readonly joinDeadlines: JoinDeadlines<HasJoinDeadline>
  readonly readPauses: ReadPauses
  readonly updates: UpdatePacer
  readonly writeBatcher: WriteBatcher
  readonly addresses: AddressLedger
  readonly tokens: ResumeTokens
  readonly authorize: Authority
  readonly metrics: Metrics
  readonly log: Log
  readonly ice: IceServersFor
  /** Whether a resume token signed in that life of the store may recreate an unknown room. */
  readonly mayRebuild: (boot: string) => boolean
  readonly isDraining: () => boolean
}

/** Where a connection registers. */
interface ConnectionRegistry {
  readonly delete: (connection: Attachable) => void
  /** The connection has entered or left a room. */
  readonly move: (connection: Attachable, from: string | null, to: string | null) => void
}
