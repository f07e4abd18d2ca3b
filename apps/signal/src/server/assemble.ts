import { defaultLimits, type Limits, type Millis } from '@skein/protocol'
import { authority } from '../auth/authority.ts'
import { resumeTokens } from '../auth/resume-tokens.ts'
import type { Bus } from '../backbone/bus/bus.ts'
import type { Nodes } from '../backbone/nodes/nodes.ts'
import type { Store } from '../backbone/store/store.ts'
import type { Connection } from '../connections/connection.ts'
import { ConnectionTable } from '../connections/connection-table.ts'
import { Heartbeat, HostWatch } from '../connections/heartbeat.ts'
import { JoinDeadlines } from '../connections/join-deadlines.ts'
import { ReadPauses } from '../connections/read-pauses.ts'
import { UpdatePacer } from '../connections/update-pacer.ts'
import { createIceServers } from '../ice/ice-servers.ts'
import { AddressLedger } from '../limits/address-ledger.ts'
import { ProcessLoad } from '../limits/process-load.ts'
import { Rooms } from '../rooms/rooms.ts'
import { roomPolicy } from '../settings/room-policy.ts'
import type { Settings } from '../settings/settings.ts'
import type { Tuning } from '../settings/tuning.ts'
import type { Log } from '../telemetry/log.ts'
import { Metrics } from '../telemetry/metrics.ts'
import { systemTimers } from '../time/timers.ts'
import { WriteBatcher } from '../wire/write-batcher.ts'
import type { ServerParts } from './server-parts.ts'

/** The inputs of `assemble`. */
export interface AssembleOptions {
  readonly settings: Settings
  readonly tuning: Tuning
  /** Signs resume tokens. */
  readonly secret: string
  readonly store: Store
  readonly bus: Bus
  readonly nodes: Nodes
  readonly log: Log
  readonly now: () => Millis
  readonly wallNow: () => Millis
  readonly isDraining: () => boolean
}

/** Creates everything that the connections of one server share. */
export const assemble = (options: AssembleOptions): ServerParts => {
  const { settings, tuning, secret, store, bus, nodes, log, now, wallNow, isDraining } = options
  const metrics = new Metrics()
  const connections = new ConnectionTable({ metrics })
  const addresses = new AddressLedger(addressLimits(settings, tuning))
  const { rebuildWindowMs } = tuning
  const life = (): string => store.life.id
  bus.subscribe(connections)
  nodes.subscribe({
    nodeLost: () => metrics.shared.nodeLost(),
    evicted: () => metrics.shared.evicted(),
    updatesMissed: () => {},
  })
  return {
    now,
    tuning,
    limits: limitsOf(settings, tuning),
    rooms: new Rooms({
      store,
      nodes,
      connections,
      policy: roomPolicy(settings, tuning),
      rebuildWindowMs,
      isDraining,
      timers: systemTimers,
      retryMs: tuning.retryStoreMs,
      maxGapMs: tuning.missingNewsMs,
      metrics,
      log,
    }),
    store,
    bus,
    nodes,
    connections,
    heartbeat: new Heartbeat(),
    hostWatch: new HostWatch(),
    joinDeadlines: new JoinDeadlines<Connection>({ waitMs: tuning.firstFrameMs }),
    readPauses: new ReadPauses(),
    updates: new UpdatePacer({ roomRate: tuning.roomPresenceBytes }),
    writeBatcher: new WriteBatcher({ maxQueuedBytes: tuning.maxQueuedBytes }),
    load: new ProcessLoad(tuning),
    addresses,
    tokens: resumeTokens({ secret, boot: life, lifeMs: tuning.resumeLifeMs }),
    authorize: authority({ settings, tuning, log }),
    metrics,
    log,
    ice: createIceServers({ settings, addresses, now, wallNow }),
    // Within its own life the store has every open room: a room that is missing has ended.
    mayRebuild: (signedBy) => {
      const { id, bornAt } = store.life
      return signedBy !== id && bornAt !== null && store.now() < bornAt + rebuildWindowMs
    },
    isDraining,
  }
}

const limitsOf = (settings: Settings, tuning: Tuning): Limits => ({
  ...defaultLimits,
  maxMembers: settings.maxRoomMembers,
  signalsPerSecond: tuning.signals.perSecond,
  signalsBurst: tuning.signals.burst,
  updatesPerSecond: tuning.updates.perSecond,
  updatesBurst: tuning.updates.burst,
  reloadGraceMs: tuning.reloadGraceMs,
  memberGraceMs: settings.memberGraceMs,
  hostGraceMs: settings.hostGraceMs,
})

const addressLimits = (
  settings: Settings,
  tuning: Tuning,
): ConstructorParameters<typeof AddressLedger>[0] => ({
  maxConnections: settings.maxConnectionsPerIp,
  joins: { perSecond: settings.joinsPerMinutePerIp / 60, burst: settings.joinsPerMinutePerIp },
  // For each join: a page that is put away says so, and says later that it leaves.
  leaves: {
    perSecond: (2 * settings.joinsPerMinutePerIp) / 60,
    burst: 2 * settings.joinsPerMinutePerIp,
  },
  frames: tuning.addressFrames,
  turnCredentials: tuning.turnCredentials,
})
