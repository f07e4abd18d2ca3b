import type { IceServer, Member, PeerId, SignalData } from '@skein/protocol'
import type { LinkStatus } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import type { ChannelMux } from '../channel/channel-mux.ts'
import type { Connection } from '../link/connection.ts'
import type { LinkNote, LinkObserver, LinkOptions, PeerLink } from '../link/link.ts'
import { createPeerLink } from '../link/peer-link.ts'
import { preCreateOffer } from '../link/pre-created.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { SignalingClient } from '../signaling/signaling.ts'
import type { PeerTransport, PeerTransportOptions } from '../transport/peer-transport.ts'
import type { UnreliableChannels } from '../transport/unreliable-channels.ts'
import type { Settings } from './options.ts'
import type { Roster } from './roster.ts'

export interface LinksOptions
  extends Pick<Settings, 'topology' | 'rtc' | 'RTCPeerConnection'>,
    Pick<LinkOptions, 'clock' | 'random' | 'readPath'> {
  readonly signaling: Pick<SignalingClient, 'send' | 'isOnline' | 'check' | 'renew'>
  readonly mux: ChannelMux
  readonly view: () => Roster
  /** Creates those of one connection; `null` until their code is loaded. */
  readonly unreliableChannels: (
    openFrameChannel: PeerLink['openFrameChannel'],
    ...args: Parameters<PeerTransportOptions['unreliable']>
  ) => UnreliableChannels | null
  /** Called when a link, its status or the need for it has changed. */
  readonly onChange: () => void
  readonly onError: (error: SkeinError) => void
  /** What members do for each other; `null` until its code is loaded. */
  readonly mesh: () => Pick<Mesh, 'reaches' | 'carry' | 'heard'> | null
  readonly isHeldBack?: () => Promise<boolean>
  readonly onNote?: ((peer: PeerId, note: LinkNote) => void) | undefined
}

interface Entry {
  readonly link: PeerLink
  readonly transport: PeerTransport
  status: LinkStatus
  /** Whether this peer needs the link, as the other side knows. */
  isWanted: boolean
  /** Whether the other side needs it. */
  isWantedByPeer: boolean
}

/** How many attempts of broken links a page makes at the same time. */
const maxAttempts = 8

/** The links of a room: opens those that are needed and closes the others. */
export class Links {
  readonly #options: LinksOptions
  readonly #takePreCreated: () => Connection | null
  readonly #entries = new Map<PeerId, Entry>()
  /** Broken links that have no room for an attempt. */
  readonly #waiting = new Set<PeerLink>()

  constructor(options: LinksOptions) {
    const { RTCPeerConnection, rtc: configuration, clock, random } = options
    this.#options = options
    this.#takePreCreated = preCreateOffer({
      RTCPeerConnection,
      configuration,
      isPolite: true,
      clock,
      random,
    })
  }

  readonly statusOf = (peer: PeerId | null): LinkStatus | null =>
    (peer && this.#entries.get(peer)?.status) ?? null

  /**
   * Opens and closes links to match the roster. In a mesh every peer needs a link to every other; in
   * a star the host needs one to every peer, and the others need one to the host. Until the link to
   * a new host is open, or while there is no host, existing links stay.
   */
  sync(): void {
    const { topology, mux, view } = this.#options
    const { self, host, peers } = view()
    for (const id of this.#entries.keys()) if (!peers.has(id)) this.#close(id)
    const isHostLinked = this.statusOf(host)?.state === 'open'
    for (const peer of peers.values()) {
      const involvesHost = host === self || host === peer.id
      const isKept = !isHostLinked && this.#entries.has(peer.id)
      this.#setNeeded(peer, topology === 'mesh' || involvesHost || isKept)
    }
    // Closes the pre-created offer if the first welcome had no use for it.
    this.#takePreCreated()?.close()
    mux.changed()
  }

  /** Notes whether the peer needs its link to this one. */
  setWanted(peer: PeerId, isWanted: boolean): void {
    const entry = this.#entries.get(peer)
    if (entry) entry.isWantedByPeer = isWanted
    this.#options.onChange()
  }

  /** Takes a signal. In a star an offer may come from a peer that has no link yet. */
  receive(from: PeerId, data: SignalData): void {
    const { view, onChange } = this.#options
    const peer = view().peers.get(from)
    const isOffer = data.type === 'description' && data.description.type === 'offer'
    // A late signal of a link that both sides have closed must not open one.
    const known = this.#entries.get(from)
    const entry = known ?? (peer && isOffer ? this.#open(peer) : null)
    entry?.link.receive(data)
    if (entry !== known) onChange()
  }

  /** Applies to existing links; new ones use the servers of the roster. */
  setIceServers(iceServers: readonly IceServer[]): void {
    for (const { link } of this.#entries.values()) link.setIceServers(iceServers)
  }

  /** The link to one peer. */
  get(peer: PeerId): PeerLink | null {
    return this.#entries.get(peer)?.link ?? null
  }

  all(): readonly PeerLink[] {
    return [...this.#entries.values()].map(({ link }) => link)
  }

  closeAll(): void {
    this.#takePreCreated()?.close()
    for (const peer of this.#entries.keys()) this.#close(peer)
  }

  #setNeeded(peer: Member, isWanted: boolean): void {
    const entry = this.#entries.get(peer.id) ?? (isWanted && this.#open(peer))
    if (!entry) return
    if (!(isWanted || entry.isWantedByPeer)) this.#close(peer.id)
    else if (isWanted !== entry.isWanted) {
      this.#options.mux.sendControl(entry.transport, ['want', isWanted])
    }
    entry.isWanted = isWanted
  }

  #close(peer: PeerId): void {
    const { mux, view } = this.#options
    const link = this.#entries.get(peer)?.link
    link?.close()
    if (link) this.#waiting.delete(link)
    this.#entries.delete(peer)
    mux.detach(peer, view().peers.has(peer) ? 'peer-unreachable' : 'peer-gone')
  }

  #open(peer: Member): Entry {
    const { id } = peer
    const { mux, signaling, random, unreliableChannels, mesh } = this.#options
    const { onChange, onError } = this.#options
    const setStatus = (status: LinkStatus) => {
      entry.status = status
      transport.setReachable(status.state !== 'failed')
      onChange()
    }
    const link: PeerLink = this.#createLink(peer, {
      signal: (data) => {
        signaling.send({ type: 'signal', to: id, data })
        mesh()?.carry(id, data)
      },
      statusChanged: (status) => {
        // The peer may have closed it before its message that it needs no link arrived.
        if (status.state === 'failed') entry.isWantedByPeer = false
        setStatus(status)
      },
      opened: (main) => transport.opened(main),
      interrupted: () => transport.interrupted(),
      frame: (label, frame) => transport.frame(label, frame),
      attemptEnded: () => this.#attemptEnded(),
    })
    const transport: PeerTransport = mux.attach(id, {
      random,
      unreliable: (...args) =>
        unreliableChannels((channel) => link.openFrameChannel(channel), ...args),
      violated: (violation) => {
        if (entry.status.state === 'failed') return
        // The closed link stays until the peer leaves, so that no other one opens.
        entry.isWantedByPeer = true
        link.close()
        const reason = `Protocol error: ${violation}.`
        setStatus({ state: 'failed', path: null, via: null, rttMs: null, reason })
        onError(new SkeinError('bad-message', { message: `${id}: ${reason}` }))
      },
    })
    const { status } = link
    const entry: Entry = { link, transport, status, isWanted: true, isWantedByPeer: true }
    this.#entries.set(id, entry)
    return entry
  }

  /**
   * Whether an offer would reach the peer, and the page has room for one more attempt: a network
   * that breaks for a whole room must not make hundreds of connections in each page.
   */
  #mayCall(peer: PeerId, link: PeerLink): boolean {
    const { signaling, view, mesh } = this.#options
    const isCarried = mesh()?.reaches(peer)
    const isOnline = signaling.isOnline && view().peers.get(peer)?.online !== false
    if (!(isOnline || isCarried)) return false
    const wasOpen = link.status.state !== 'connecting'
    const attempts = this.all().reduce((sum, each) => sum + each.attempts, 0)
    if (!wasOpen || attempts < maxAttempts) return true
    this.#waiting.add(link)
    return false
  }

  /** The link that has been broken for longest is next. */
  #attemptEnded(): void {
    const since = ({ brokenSince }: PeerLink) => brokenSince ?? Infinity
    const [next] = [...this.#waiting].sort((one, other) => since(one) - since(other))
    if (!next) return
    this.#waiting.delete(next)
    next.retry()
  }

  #createLink(peer: Member, observer: LinkObserver): PeerLink {
    const { rtc, RTCPeerConnection, clock, random, readPath, view, signaling } = this.#options
    const { isHeldBack, onNote } = this.#options
    const { me, iceServers } = view()
    return createPeerLink({
      isPolite: hasJoinedLater(me, peer),
      rtc,
      iceServers,
      RTCPeerConnection,
      clock,
      random,
      readPath,
      takePreCreated: this.#takePreCreated,
      server: signaling,
      mayCall: (link) => this.#mayCall(peer.id, link),
      observer,
      ...(isHeldBack && { isHeldBack }),
      onNote: (note) => onNote?.(peer.id, note),
    })
  }
}

/** Of two members, the one that joined later makes the first offer. */
const hasJoinedLater = (one: Member, other: Member): boolean =>
  one.joinOrder === other.joinOrder ? one.id > other.id : one.joinOrder > other.joinOrder
