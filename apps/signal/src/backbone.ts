import type { Millis } from '@skein/protocol'
import type { Bus } from './bus/bus.ts'
import { LocalBus } from './bus/local.ts'
import { LocalNodes, type Nodes, newNodeName } from './nodes.ts'
import type { Settings } from './settings.ts'
import { MemoryStore } from './store/memory.ts'
import type { Store } from './store/store.ts'

/** What the rooms of all nodes rest on. */
export interface Backbone {
  readonly store: Store
  readonly bus: Bus
  readonly nodes: Nodes
}

/** One process, alone: the rooms are in its memory. */
export const memoryBackbone = (
  { secret }: Settings,
  { store, now }: { readonly store: Store | undefined; readonly now: () => Millis },
): Backbone => ({
  // Without a secret nobody holds a token of an earlier life.
  store: store ?? new MemoryStore({ now, id: newNodeName(), mayHaveLived: secret !== null }),
  bus: new LocalBus(),
  nodes: new LocalNodes(),
})
