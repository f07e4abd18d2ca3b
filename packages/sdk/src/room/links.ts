import type { Member, PeerId, SignalData } from '@skein/protocol'
import type { LinkStatus } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import type { ChannelMux } from '../channel/channel-mux.ts'
import type { LinkOptions, PeerLink } from '../link/link.ts'
import { createPeerLink, type PeerLinkOptions } from '../link/peer-link.ts'
import { preCreateOffer } from '../link/pre-created.ts'
import type { SignalingClient } from '../signaling/signaling.ts'
import type { Clock } from '../time/clock.ts'
import type { FrameWriter } from '../transport/frame.ts'
import type { PeerTransport } from '../transport/peer-transport.ts'
import type { UnreliableChannels } from '../transport/unreliable-channels.ts'
import type { Settings } from './options.ts'
import type { Roster } from './roster.ts'

export interface LinksOptions extends Settings, Pick<LinkOptions, 'readPath'> {
  readonly clock: Clock
  readonly random: () => number
  readonly signaling: SignalingClient
  readonly mux: ChannelMux
  readonly view: () => Roster
  /** For one connection of one link; `null` until the code for it is there. */
  readonly unreliableChannels: (
    carrier: PeerLink['openFrameChannel'],
    writer: FrameWriter,
  ) => UnreliableChannels | null
  /** A link is another than it was, or the need for it. */
  readonly changed: () => void
  readonly failed: (error: SkeinError) => void
}

/** The links of a room: makes those that the plan asks for, closes those that nobody needs. */
export interface Links {
  readonly statusOf: (peer: PeerId) => LinkStatus | null
  /**
   * Brings the links in line with the roster. In a mesh everyone needs one to everyone; so does the
   * host of a star, where the others need one to the host. While the link to a new host is not open
   * (or there is no host) those that exist are still needed.
   */
  readonly plan: () => void
  /** A peer says whether it needs its link. */
  readonly wanted: (peer: PeerId, isWanted: boolean) => void
  /** A peer calls: in a star it may be one that I have no link to yet. */
  readonly receive: (from: PeerId, data: SignalData) => void
  /** For those that are there; others begin with what the roster has. */
  readonly setIceServers: PeerLink['setIceServers']
  readonly probe: (peer?: PeerId) => void
  readonly closeAll: () => void
}

interface Entry {
  readonly link: PeerLink
  readonly transport: PeerTransport
  status: LinkStatus
  /** By me, as the other end was told. */
  isWanted: boolean
  isWantedThere: boolean
}

export const createLinks = (options: LinksOptions): Links => {
  const { topology, mux, view, changed } = options
  const takePreCreated = preCreateOffer({ ...options, configuration: options.rtc, isPolite: true })
  const entries = new Map<PeerId, Entry>()
  const statusOf = (peer: PeerId | null) => (peer && entries.get(peer)?.status) ?? null
  const open = (peer: Member) => {
    const entry = openLink({ ...options, takePreCreated }, peer)
    entries.set(peer.id, entry)
    return entry
  }
  const close = (peer: PeerId) => {
    entries.get(peer)?.link.close()
    entries.delete(peer)
    mux.detach(peer, view().peers.has(peer) ? 'peer-unreachable' : 'peer-gone')
  }
  const follow = (peer: Member, isWanted: boolean) => {
    const entry = entries.get(peer.id) ?? (isWanted && open(peer))
    if (!entry) return
    if (!(isWanted || entry.isWantedThere)) close(peer.id)
    else if (isWanted !== entry.isWanted) mux.sendControl(entry.transport, ['want', isWanted])
    entry.isWanted = isWanted
  }
  return {
    statusOf,
    plan: () => {
      const { self, host, peers } = view()
      for (const id of entries.keys()) if (!peers.has(id)) close(id)
      const isHostLinked = statusOf(host)?.state === 'open'
      for (const peer of peers.values()) {
        const isSpoke = host === self || host === peer.id
        const isKept = !isHostLinked && entries.has(peer.id)
        follow(peer, topology === 'mesh' || isSpoke || isKept)
      }
      // The first welcome has come: whom it could have called it has called.
      takePreCreated()?.close()
      mux.changed()
    },
    wanted: (peer, isWanted) => {
      const entry = entries.get(peer)
      if (entry) entry.isWantedThere = isWanted
      changed()
    },
    receive: (from, data) => {
      const peer = view().peers.get(from)
      const isCall = data.type === 'description' && data.description.type === 'offer'
      // What is late, of a link that both ends have closed, opens none.
      const known = entries.get(from)
      const entry = known ?? (peer && isCall ? open(peer) : null)
      entry?.link.receive(data)
      if (entry !== known) changed()
    },
    setIceServers: (iceServers) => {
      for (const { link } of entries.values()) link.setIceServers(iceServers)
    },
    probe: (peer) => {
      for (const [id, { link }] of entries) if (id === (peer ?? id)) link.probe()
    },
    closeAll: () => {
      takePreCreated()?.close()
      for (const peer of entries.keys()) close(peer)
    },
  }
}

const openLink = (
  options: LinksOptions & Pick<PeerLinkOptions, 'takePreCreated'>,
  peer: Member,
): Entry => {
  const { id } = peer
  const { mux, view, signaling, changed, failed } = options
  const { me, iceServers } = view()
  const setStatus = (status: LinkStatus) => {
    entry.status = status
    transport.setReachable(status.state !== 'failed')
    changed()
  }
  const link: PeerLink = createPeerLink({
    ...options,
    isPolite: isLater(me, peer),
    iceServers,
    observer: {
      signal: (data) => signaling.send({ type: 'signal', to: id, data }),
      statusChanged: (status) => {
        // The other end may have closed it, before its word that it needs no link got here.
        if (status.state === 'failed') entry.isWantedThere = false
        setStatus(status)
      },
      opened: (main) => transport.opened(main),
      interrupted: () => transport.interrupted(),
      frame: (label, frame) => transport.frame(label, frame),
    },
  })
  const transport: PeerTransport = mux.attach(id, {
    ...options,
    unreliable: (writer) =>
      options.unreliableChannels((carrier) => link.openFrameChannel(carrier), writer),
    violated: (what) => {
      if (entry.status.state === 'failed') return
      // It stays here, closed, until the peer leaves: so no other link is made.
      entry.isWantedThere = true
      link.close()
      const reason = `Protocol error: ${what}.`
      setStatus({ state: 'failed', path: null, rttMs: null, reason })
      failed(new SkeinError('bad-message', { message: `${id}: ${reason}` }))
    },
  })
  const { status } = link
  const entry: Entry = { link, transport, status, isWanted: true, isWantedThere: true }
  return entry
}

/** The one that joined later makes the first offer. */
const isLater = (one: Member, other: Member): boolean =>
  one.joinOrder === other.joinOrder ? one.id > other.id : one.joinOrder > other.joinOrder
