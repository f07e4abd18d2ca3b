import type { Bus } from '../backbone/bus/bus.ts'
import type { Nodes } from '../backbone/nodes/nodes.ts'
import type { Store } from '../backbone/store/store.ts'
import type { ConnectionContext } from '../connections/connection-context.ts'
import type { ConnectionTable } from '../connections/connection-table.ts'
import type { ProcessLoad } from '../limits/process-load.ts'
import type { Rooms } from '../rooms/rooms.ts'

/** Everything a server consists of. Only the modules in `server/` use all of it. */
export interface ServerParts extends ConnectionContext {
  readonly store: Store
  readonly bus: Bus
  readonly nodes: Nodes
  readonly rooms: Rooms
  readonly connections: ConnectionTable
  readonly load: ProcessLoad
}
