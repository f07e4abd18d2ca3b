import type { Millis } from '@skein/protocol'
import { roomPolicy } from '../settings/room-policy.ts'
import type { Settings } from '../settings/settings.ts'
import type { Tuning } from '../settings/tuning.ts'
import type { Log } from '../telemetry/log.ts'
import type { Backbone } from './backbone.ts'
import { LocalBus } from './bus/local.ts'
import { LocalNodes } from './nodes/local.ts'
import { newNodeName } from './nodes/nodes.ts'
import { redisBackbone } from './redis-backbone.ts'
import { MemoryStore } from './store/memory.ts'
import type { Store } from './store/store.ts'

export interface BackboneOptions {
  readonly tuning: Tuning
  readonly log: Log
  /** Replaces the in-memory store. */
  readonly store: Store | undefined
  readonly now: () => Millis
  /** Whether members of an earlier process may hold valid resume tokens. */
  readonly mayHavePredecessor: boolean
}

/** Opens Redis if a URL is set. Otherwise rooms live in the memory of this process. */
export const openBackbone = (
  settings: Settings,
  { tuning, log, store, now, mayHavePredecessor }: BackboneOptions,
): Backbone => {
  const { redisUrl } = settings
  if (redisUrl !== null && store === undefined) {
    return redisBackbone({
      url: redisUrl,
      log,
      leaseMs: tuning.leaseMs,
      maintenanceMs: tuning.beatMs,
      commandTimeoutMs: tuning.redisMs,
      roomTtlMs: tuning.resumeLifeMs,
      policy: roomPolicy(settings, tuning),
    })
  }
  return {
    store: store ?? new MemoryStore({ now, id: newNodeName(), mayHavePredecessor }),
    bus: new LocalBus(),
    nodes: new LocalNodes(),
    opened: Promise.resolve(),
  }
}
