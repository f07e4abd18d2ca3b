import type { IceServer, PeerId, SignalData } from '@skein/protocol'
import type { LinkStatus } from '../api.ts'
import type { Hub } from '../channel/hub.ts'
import type { Pipe } from '../channel/pipe.ts'
import type { Clock } from '../clock.ts'
import { meshPlan } from '../core/mesh-plan.ts'
import type { PeerLink } from '../link/link.ts'
import { createPeerLink } from '../link/peer-link.ts'
import type { Settings } from './options.ts'
import type { Roster } from './roster.ts'

export interface LinksOptions {
  readonly settings: Settings
  readonly clock: Clock
  readonly random: () => number
  readonly hub: Hub
  readonly roster: () => Roster
  readonly signal: (to: PeerId, data: SignalData) => void
  readonly changed: (peer: PeerId, status: LinkStatus | null) => void
  /** A peer broke the rules; its link is closed and stays so. */
  readonly violated: (peer: PeerId, reason: string) => void
}

interface Entry {
  readonly link: PeerLink
  readonly pipe: Pipe
  /** By me, as the other end was told. */
  isWanted: boolean
  isWantedThere: boolean
  isBanned: boolean
}

/** The links of a room: makes those that the plan asks for, closes those that nobody needs. */
export class Links {
  readonly #options: LinksOptions
  readonly #entries = new Map<PeerId, Entry>()
  #iceServers: readonly IceServer[] = []

  constructor(options: LinksOptions) {
    this.#options = options
  }

  get hasOpen(): boolean {
    return [...this.#entries.values()].some(({ link }) => isAlive(link.status))
  }

  /** Brings the links in line with the roster. */
  plan(): void {
    const { roster, settings, hub } = this.#options
    const { self, host, peers } = roster()
    const links = [...this.#entries].map(([peer, { link, isWantedThere }]) => ({
      peer,
      isOpen: link.status.state === 'open',
      isWantedThere,
    }))
    const { topology } = settings
    const plan = meshPlan({ topology, self: self.id, host, peers: [...peers.keys()], links })
    for (const peer of plan.close) this.#close(peer)
    for (const peer of plan.open) this.#open(peer)
    for (const [peer, entry] of this.#entries) {
      const isWanted = plan.wanted.includes(peer)
      if (isWanted !== entry.isWanted) hub.tell(entry.pipe, ['want', isWanted])
      entry.isWanted = isWanted
    }
    hub.changed()
  }

  /** A peer says whether it needs its link. */
  wanted(peer: PeerId, isWanted: boolean): void {
    const entry = this.#entries.get(peer)
    if (entry) entry.isWantedThere = isWanted
    this.plan()
  }

  /** A peer calls: in a star it may be one that I have no link to yet. */
  receive(from: PeerId, data: SignalData): void {
    if (!this.#options.roster().peers.has(from)) return
    const isCall = data.type === 'description' && data.description.type === 'offer'
    // What is late, of a link that both ends have closed, opens none.
    const entry = this.#entries.get(from) ?? (isCall ? this.#open(from) : null)
    entry?.link.receive(data)
  }

  setIceServers(iceServers: readonly IceServer[]): void {
    this.#iceServers = iceServers
    for (const { link } of this.#entries.values()) link.setIceServers(iceServers)
  }

  probe(peer?: PeerId): void {
    for (const [id, { link }] of this.#entries) if (id === (peer ?? id)) link.probe()
  }

  /** I have another id now: to the others I am someone else, with links of its own. */
  closeAll(): void {
    for (const peer of [...this.#entries.keys()]) this.#close(peer)
  }

  #open(peer: PeerId): Entry {
    const { settings, clock, random, hub, roster, signal, changed } = this.#options
    const { self, peers } = roster()
    const link: PeerLink = createPeerLink({
      peer,
      isPolite: isLater(self, peers.get(peer) ?? self),
      rtc: settings.rtc,
      iceServers: this.#iceServers,
      RTCPeerConnection: settings.RTCPeerConnection,
      clock,
      random,
      observer: {
        signal: (data) => signal(peer, data),
        statusChanged: (status) => this.#statusChanged(peer, status),
        opened: (main) => pipe.opened(main),
        interrupted: () => pipe.interrupted(),
        frame: (label, frame) => pipe.frame(label, frame),
      },
    })
    const pipe: Pipe = hub.attach(peer, {
      maxMessageBytes: settings.maxMessageBytes,
      random,
      carrier: (options) => link.carrier(options),
      violated: (reason) => this.#ban(peer, reason),
    })
    const entry: Entry = { link, pipe, isWanted: true, isWantedThere: true, isBanned: false }
    this.#entries.set(peer, entry)
    changed(peer, link.status)
    return entry
  }

  #statusChanged(peer: PeerId, status: LinkStatus): void {
    const { changed } = this.#options
    const entry = this.#entries.get(peer)
    entry?.pipe.setReachable(status.state !== 'failed')
    // The other end may have closed it, before its word that it needs no link got here.
    if (entry && status.state === 'failed') entry.isWantedThere = false
    changed(peer, status)
    this.plan()
  }

  #ban(peer: PeerId, reason: string): void {
    const entry = this.#entries.get(peer)
    if (!entry || entry.isBanned) return
    // It stays here, closed, until the peer leaves: so no other link is made.
    entry.isBanned = true
    entry.isWantedThere = true
    entry.link.close()
    entry.pipe.setReachable(false)
    const { changed, violated } = this.#options
    const words = `The peer sent a ${reason}.`
    changed(peer, { state: 'failed', path: null, rttMs: null, reason: words })
    violated(peer, reason)
  }

  #close(peer: PeerId): void {
    const { hub, roster, changed } = this.#options
    const isMember = roster().peers.has(peer)
    this.#entries.get(peer)?.link.close()
    this.#entries.delete(peer)
    hub.detach(peer, isMember ? 'peer-unreachable' : 'peer-gone')
    if (isMember) changed(peer, null)
  }
}

/** The one that joined later makes the first offer. */
const isLater = (one: Order, other: Order): boolean =>
  one.joinOrder > other.joinOrder || (one.joinOrder === other.joinOrder && one.id > other.id)

type Order = { readonly id: PeerId; readonly joinOrder: number }

const isAlive = ({ state }: LinkStatus): boolean => state === 'open' || state === 'repairing'
