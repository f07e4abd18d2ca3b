import type { Millis, PeerId } from '@skein/protocol'
import * as limits from './limits.ts'
import type { Post } from './post.ts'

export interface NeighborsOptions {
  readonly post: Post
  /** The members of the room. */
  readonly peers: () => Iterable<PeerId>
  /** Whether that member has an open link to this one, which goes through nobody. */
  readonly isReached: (peer: PeerId) => boolean
  readonly rttMs: (peer: PeerId) => Millis
  /** How many pairs this page forwards for; `null` if it does not relay. */
  readonly load: () => number | null
}

/** What a neighbor says about its link to a peer. */
interface Reach {
  readonly rttMs: Millis
  readonly load: number | null
}

/** A member with an open link to this one that reaches a peer which this one misses. */
export interface Neighbor {
  readonly id: PeerId
  /** The longer way, in ms, with what the load of the neighbor costs. */
  readonly costMs: number
  readonly canRelay: boolean
}

/**
 * Who reaches whom. Nothing is said while all is well: a side that misses a peer asks its neighbors,
 * and those that reach it say so, and again when that changes, for as long as they are asked.
 */
export class Neighbors {
  readonly #options: NeighborsOptions
  #sought: readonly PeerId[] = []
  /** The neighbors that know what is sought. */
  readonly #told = new Set<PeerId>()
  /** By neighbor, then by peer. */
  readonly #reaches = new Map<PeerId, ReadonlyMap<PeerId, Reach>>()
  /** What others have asked, and who of it was said to be reached. */
  readonly #asked = new Map<PeerId, { readonly ids: readonly PeerId[]; said: string }>()

  constructor(options: NeighborsOptions) {
    this.#options = options
  }

  /** Asks for members that reach these peers. */
  seek(ids: Iterable<PeerId>): void {
    const sought = [...ids].sort()
    if (sought.join() === this.#sought.join()) return
    this.#sought = sought
    const { post, isReached } = this.#options
    const told = sought.length > 0 ? this.#options.peers() : [...this.#told]
    this.#told.clear()
    for (const peer of told) if (isReached(peer)) this.#tell(peer, post)
  }

  /** A link, or the room, has changed. */
  changed(): void {
    const { post, peers, isReached } = this.#options
    const present = new Set(peers())
    for (const peer of new Set([...this.#told, ...this.#reaches.keys(), ...this.#asked.keys()])) {
      if (!(present.has(peer) && isReached(peer))) this.#forget(peer)
    }
    for (const peer of present) {
      if (this.#sought.length > 0 && !this.#told.has(peer) && isReached(peer)) {
        this.#tell(peer, post)
      }
    }
    for (const peer of this.#asked.keys()) this.#answer(peer)
  }

  /** A peer asks who of these is reached. */
  onSeek(from: PeerId, ids: unknown): void {
    const list = Array.isArray(ids) ? ids.slice(0, limits.maxIds) : []
    const asked = list.filter((id): id is PeerId => typeof id === 'string' && id !== from)
    if (asked.length === 0) this.#asked.delete(from)
    else {
      this.#asked.set(from, { ids: asked, said: '' })
      this.#answer(from)
    }
  }

  /** A neighbor says whom it reaches. Returns the peers that nobody was known to reach. */
  onReach(from: PeerId, list: unknown): readonly PeerId[] {
    const before = this.#sought.filter((id) => this.reaching(id).length > 0)
    const reaches = new Map<PeerId, Reach>()
    for (const item of Array.isArray(list) ? list.slice(0, limits.maxIds) : []) {
      const [id, reach] = readReach(item)
      if (reach && id !== from && this.#sought.includes(id)) reaches.set(id, reach)
    }
    this.#reaches.set(from, reaches)
    return [...reaches.keys()].filter((id) => !before.includes(id))
  }

  /** The neighbors that reach the peer, the best one first. */
  reaching(peer: PeerId): readonly Neighbor[] {
    const { isReached, rttMs } = this.#options
    const found: Neighbor[] = []
    for (const [id, reaches] of this.#reaches) {
      const reach = reaches.get(peer)
      if (!reach || !isReached(id)) continue
      const costMs = rttMs(id) + reach.rttMs + (reach.load ?? 0) * limits.loadMs
      found.push({ id, costMs, canRelay: reach.load !== null })
    }
    return found.sort((one, other) => one.costMs - other.costMs || (one.id < other.id ? -1 : 1))
  }

  #tell(peer: PeerId, post: Post): void {
    if (post.message(peer, ['seek', this.#sought])) this.#told.add(peer)
  }

  #forget(peer: PeerId): void {
    this.#told.delete(peer)
    this.#reaches.delete(peer)
    this.#asked.delete(peer)
  }

  /** The round trip and the load go along, but are no reason to say it again. */
  #answer(to: PeerId): void {
    const { post, isReached, rttMs, load } = this.#options
    const asked = this.#asked.get(to)
    const reached = asked?.ids.filter(isReached) ?? []
    const said = `${reached.join()} ${load() === null}`
    if (!asked || said === asked.said) return
    asked.said = said
    post.message(to, ['reach', reached.map((id) => [id, Math.round(rttMs(id)), load()])])
  }
}

/** An item of a `reach` message: an id, the round trip to it, and the load or `null`. */
const readReach = (item: unknown): readonly [id: PeerId, reach: Reach | null] => {
  const [id, rttMs, load] = Array.isArray(item) ? item : []
  const isValid = isCount(rttMs) && (load === null || isCount(load))
  return [id, isValid ? { rttMs, load } : null]
}

const isCount = (value: unknown): value is number => typeof value === 'number' && value >= 0
