import type { Bus } from './bus/bus.ts'
import type { Nodes } from './nodes/nodes.ts'
import type { Store } from './store/store.ts'

/** What the rooms of all nodes rely on: where rooms are stored and how nodes reach each other. */
export interface Backbone {
  readonly store: Store
  readonly bus: Bus
  readonly nodes: Nodes
  /** Resolves once the backbone is in use, or is known to be unavailable for now. */
  readonly opened: Promise<unknown>
}
