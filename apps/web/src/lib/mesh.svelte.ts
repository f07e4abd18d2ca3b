import { SvelteMap } from 'svelte/reactivity'
import type { Attach, Channel, JsonValue, LinkStatus, Peer, Room } from './room.svelte.ts'

/** How the graph draws a thread. */
export type ThreadKind = 'direct' | 'relay' | 'pending' | 'failed'

export interface Thread {
  readonly key: string
  readonly from: Peer['id']
  readonly to: Peer['id']
  readonly kind: ThreadKind
  /** One of the two is away: nobody knows how the link is. */
  readonly isAway: boolean
}

type Member = Pick<Peer, 'id'> & { readonly isOnline: boolean }

type Report = { readonly [id: string]: ThreadKind }

/** From the best to the worst. */
export const threadKinds = ['direct', 'relay', 'pending', 'failed'] as const

export function kindOf(link: LinkStatus): ThreadKind {
  if (link.state === 'failed') return 'failed'
  if (link.state !== 'open') return 'pending'
  return link.path === 'relay' || link.path === 'via' ? 'relay' : 'direct'
}

function readReport(data: JsonValue): Report {
  const report: Record<string, ThreadKind> = {}
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return report
  for (const [id, value] of Object.entries(data)) {
    const kind = threadKinds.find((known) => known === value)
    if (kind !== undefined) report[id] = kind
  }
  return report
}

/** One end may notice first that a link is broken, and an end that has crashed never does. */
function worse(one?: ThreadKind, other?: ThreadKind): ThreadKind | undefined {
  return threadKinds.findLast((kind) => kind === one || kind === other)
}

/**
 * The links between all members. A peer knows only its own links, so each peer reports them to the
 * others on a separate channel whenever they change.
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
    const update = () => this.#update(room, channel)
    for (const event of ['peerjoin', 'peerleave', 'linkchange'] as const) {
      room.on(event, update, { signal })
    }
    update()
  }

  /** One thread for each pair of members with a known link. */
  threads(members: readonly Member[]): readonly Thread[] {
    return members.flatMap(({ id: from, isOnline }, index) =>
      members.slice(index + 1).flatMap(({ id: to, isOnline: isOtherOnline }) => {
        const kind = this.#between(from, to)
        const isAway = !isOnline || !isOtherOnline
        return kind === undefined ? [] : [{ key: `${from} ${to}`, from, to, kind, isAway }]
      }),
    )
  }

  #between(from: Peer['id'], to: Peer['id']): ThreadKind | undefined {
    if (from === this.#self) return this.#mine[to]
    if (to === this.#self) return this.#mine[from]
    return worse(this.#reports.get(from)?.[to], this.#reports.get(to)?.[from])
  }

  #update(room: Room, channel: Channel<JsonValue>): void {
    const links = [...room.peers.values()].flatMap((peer) =>
      peer.link === null ? [] : [[peer.id, kindOf(peer.link)] as const],
    )
    const report: Report = Object.fromEntries(links)
    if (JSON.stringify(report) === JSON.stringify(this.#mine)) return
    this.#mine = report
    // Only for the graph: a peer that misses this report gets the next one.
    channel.send(report).catch(() => undefined)
  }
}
