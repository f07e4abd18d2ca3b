import type { BrowserKind } from '../browsers/browser.ts'
import type { LossModel } from '../measure/gilbert-elliott.ts'
import type { Nat } from '../network/nat.ts'
import type { Families } from '../network/network.ts'
import type { Side } from '../network/sides.ts'
import type { ServerKind } from '../servers/server-kind.ts'

/** Something that happens to the network, a server or a browser. */
export type Action =
  /** `share`: how many of 100 packets. `with`: only those from and to that side's router. */
  | {
      readonly do: 'drop'
      readonly side: Side
      readonly packets: 'udp' | 'all' | 'ip4' | 'ip6'
      readonly way?: 'out'
      readonly with?: Side
      readonly share?: number
    }
  | { readonly do: 'pass' | 'link-down' | 'link-up' | 'change-address'; readonly side: Side }
  | { readonly do: 'forget-mappings'; readonly side: Side }
  | { readonly do: 'move-to-spare' }
  | { readonly do: 'degrade'; readonly side: Side; readonly cable: Degradation }
  | { readonly do: 'kill-signaling' | 'start-signaling' | 'hide-signaling' | 'show-signaling' }
  | { readonly do: 'kill-turn' | 'start-turn' | 'refuse-turn' }
  | {
      readonly do: 'freeze-browser' | 'thaw-browser' | 'kill-browser'
      readonly side: Side
    }
  | {
      readonly do: 'navigate' | 'crash-tab' | 'hide-tab' | 'show-tab' | 'freeze-tab' | 'thaw-tab'
      readonly side: Side
    }
  /** Closes the connections of a page under the SDK, as a browser may. */
  | { readonly do: 'close-connections'; readonly side: Side }
  | { readonly do: 'wait' }

/** What the cable of a side does, on top of the delay of the whole laboratory. */
export interface Degradation {
  readonly losses?: LossModel
  readonly delayMs?: number
  readonly rateKbit?: number
  /** The buffer holds the bandwidth times the round trip of two such cables. */
}

/** An action, so many seconds after the beginning of the fault. */
export type Step = Action & {
  readonly atS: number
  /** `back`: after this step the path is whole. `server-back`: the signaling server is there. */
  readonly marks?: 'back' | 'server-back'
}

interface CommonRow {
  /** For the command line. */
  readonly name: string
  /** For the tables. */
  readonly title: string
  /** Default: all. */
  readonly servers?: readonly ServerKind[]
  readonly families?: Families
  /** The browsers of the row, whatever the command line says. */
  readonly browsers?: readonly BrowserKind[]
}

/** A fault that members of a room suffer while they exchange numbers. */
export interface FaultRow extends CommonRow {
  readonly type: 'fault'
  /** One member each; several of a side are tabs of one browser. Default: A and B. */
  readonly members?: readonly Side[]
  /** The links that count. Default: that of the first two members. */
  readonly links?: 'first' | 'all'
  /** The routers that are not port-restricted. */
  readonly nats?: Readonly<Partial<Record<Side, Nat>>>
  readonly policy?: 'relay'
  /** How often each member sends a number. Default: 50. */
  readonly everyMs?: number
  readonly turnTtlS?: number
  /**
   * `heal`: numbers flow again. `steady`: they never stop for long. `gone`: one member ends, and
   * the others notice.
   */
  readonly expects: 'heal' | 'steady' | 'gone'
  readonly steps: readonly Step[]
  /** How long to wait for the healing after the path and the server are back. Default: 30. */
  readonly watchS?: number
  /** The row needs cables, or a browser whose hidden tabs are slow. */
  readonly needs?: readonly ('cables' | 'throttling')[]
}

/** The sides that may use their local network; `null`: the browser does not ask. */
export interface LocalNetwork {
  readonly allowed: readonly Side[] | null
}

/** Each ordered pair of routers, one room after the other. */
export interface MatrixRow extends CommonRow {
  readonly type: 'matrix'
  /** A third member that reaches both. */
  readonly hasThird?: boolean
  /** A family whose packets get lost, though every client has an address of it. */
  readonly broken?: 'ip4' | 'ip6'
  /** A and B are in one local network, behind a router without hairpinning. */
  readonly lan?: LocalNetwork
  /** Default: all 25. */
  readonly pairs?: readonly (readonly [Nat, Nat])[]
}

/** Something that is repeated many times in one page, which must not grow by it. */
export interface EnduranceRow extends CommonRow {
  readonly type: 'endurance'
  readonly repeats: 'joins' | 'repairs'
  readonly times: number
}

export type Row = FaultRow | MatrixRow | EnduranceRow

export const sidesOf = (row: Row): readonly Side[] => {
  if (row.type === 'fault') return [...new Set(row.members ?? (['A', 'B'] as const))]
  return row.type === 'matrix' && row.hasThird ? ['A', 'B', 'C'] : ['A', 'B']
}
