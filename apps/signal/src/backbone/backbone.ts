import type { Millis } from '@skein/protocol'
import type { Settings } from '../settings/settings.ts'
import type { Tuning } from '../settings/tuning.ts'
import type { Log } from '../telemetry/log.ts'
import type { Bus } from './bus/bus.ts'
import { LocalBus } from './bus/local.ts'
import { LocalNodes, type Nodes, newNodeName } from './nodes/nodes.ts'
import { redisBackbone } from './redis-backbone.ts'
import { MemoryStore } from './store/memory.ts'
import type { Store } from './store/store.ts'

/** What the rooms of all nodes rest on. */
export interface Backbone {
  readonly store: Store
  readonly bus: Bus
  readonly nodes: Nodes
  /** Resolves when it is in use, or cannot be for now. */
  readonly opened: Promise<unknown>
}

export interface BackboneOptions {
  readonly tuning: Tuning
  readonly log: Log
  /** In place of the memory of this process. */
  readonly store: Store | undefined
  readonly now: () => Millis
}

/** Redis where one is named; else this process is alone, and the rooms are in its memory. */
export const openBackbone = (
  { redisUrl, secret }: Settings,
  { tuning, log, store, now }: BackboneOptions,
): Backbone => {
  if (redisUrl !== null && store === undefined) {
    const { leaseMs, beatMs, redisMs: deadlineMs, resumeLifeMs: keepMs } = tuning
    return redisBackbone({ url: redisUrl, log, leaseMs, beatMs, deadlineMs, keepMs })
  }
  return {
    // Without a secret nobody holds a token of an earlier life.
    store: store ?? new MemoryStore({ now, id: newNodeName(), mayHaveLived: secret !== null }),
    bus: new LocalBus(),
    nodes: new LocalNodes(),
    opened: Promise.resolve(),
  }
}
