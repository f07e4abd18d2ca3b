import { SvelteMap } from 'svelte/reactivity'
import type { Attach, Channel, JsonValue, LinkStatus, Peer, Room } from '../lib/room.svelte.ts'

/** How a thread of the graph is drawn. */
export type ThreadKind = 'direct' | 'relay' | 'pending' | 'failed'

export interface Thread {
  readonly key: string
  readonly from: Peer['id']
  readonly to: Peer['id']
  readonly kind: ThreadKind
}

type Report = { readonly [id: string]: ThreadKind }

export const kinds = ['direct', 'relay', 'pending', 'failed'] as const

export function kindOf(link: LinkStatus): ThreadKind {
  if (link.state === 'failed') return 'failed'
  if (link.state !== 'open') return 'pending'
  return link.path === 'relay' || link.path === 'via' ? 'relay' : 'direct'
}

function readReport(data: JsonValue): Report {
  const report: Record<string, ThreadKind> = {}
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return report
  for (const [id, value] of Object.entries(data)) {
    const kind = kinds.find((known) => known === value)
    if (kind !== undefined) report[id] = kind
  }
  return report
}

/**
 * The links between all members. My own I know; of the others' each peer tells the rest, on a
 * channel of its own, whenever something changes.
 */
export class Mesh {
  readonly #reports = new SvelteMap<string, Report>()
  #mine = $state.raw<Report>({})
  #self: Peer['id'] | null = null

  readonly attach: Attach = (room, signal) => {
    this.#self = room.self.id
    this.#reports.clear()
    this.#mine = {}
    const channel = room.channel('links')
    channel.on('message', ({ data, from }) => this.#reports.set(from, readReport(data)), { signal })
    room.on('peerleave', ({ peer }) => this.#reports.delete(peer.id), { signal })
    const look = () => this.#look(room, channel)
    for (const fact of ['peerjoin', 'peerleave', 'linkchange'] as const) {
      room.on(fact, look, { signal })
    }
    look()
  }

  /** One thread for each pair of `ids` that somebody knows a link of. */
  threads(ids: readonly Peer['id'][]): readonly Thread[] {
    return ids.flatMap((from, index) =>
      ids.slice(index + 1).flatMap((to) => {
        const kind = this.#between(from, to)
        return kind === undefined ? [] : [{ key: `${from} ${to}`, from, to, kind }]
      }),
    )
  }

  #between(from: Peer['id'], to: Peer['id']): ThreadKind | undefined {
    if (from === this.#self) return this.#mine[to]
    if (to === this.#self) return this.#mine[from]
    return this.#reports.get(from)?.[to] ?? this.#reports.get(to)?.[from]
  }

  #look(room: Room, channel: Channel<JsonValue>): void {
    const links = [...room.peers.values()].flatMap((peer) =>
      peer.link === null ? [] : [[peer.id, kindOf(peer.link)] as const],
    )
    const report: Report = Object.fromEntries(links)
    if (JSON.stringify(report) === JSON.stringify(this.#mine)) return
    this.#mine = report
    // A picture only: whoever missed this report gets the next one.
    channel.send(report).catch(() => undefined)
  }
}
