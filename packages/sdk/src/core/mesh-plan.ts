import type { PeerId } from '@skein/protocol'

/** A link as the plan sees it. */
export interface PlannedLink {
  readonly peer: PeerId
  readonly isOpen: boolean
  /** Whether the other end needs it. Until it says otherwise it does. */
  readonly isWantedThere: boolean
}

export interface MeshPlanInput {
  readonly topology: 'mesh' | 'star'
  readonly self: PeerId
  readonly host: PeerId | null
  /** The others in the room. */
  readonly peers: readonly PeerId[]
  readonly links: readonly PlannedLink[]
}

export interface MeshPlan {
  /** Links to make. */
  readonly open: readonly PeerId[]
  /** Links that neither end needs any more. */
  readonly close: readonly PeerId[]
  /** Links that this end needs, those to make among them: the other end is told so. */
  readonly wanted: readonly PeerId[]
}

/**
 * Which links there should be. A mesh has one to everyone; so has the host of a star, where the
 * others have one to the host. While the link to a new host is not open (or there is no host) those
 * that exist are still needed.
 */
export const meshPlan = ({ topology, self, host, peers, links }: MeshPlanInput): MeshPlan => {
  const present = links.filter(({ peer }) => peers.includes(peer))
  const wanted = topology === 'mesh' ? peers : wantedInStar({ self, host, peers, links: present })
  const linked = present.map(({ peer }) => peer)
  return {
    wanted,
    open: wanted.filter((peer) => !linked.includes(peer)),
    close: links
      .filter(({ peer, isWantedThere }) => {
        return !peers.includes(peer) || !(isWantedThere || wanted.includes(peer))
      })
      .map(({ peer }) => peer),
  }
}

const wantedInStar = ({
  self,
  host,
  peers,
  links,
}: Omit<MeshPlanInput, 'topology'>): readonly PeerId[] => {
  if (host === self) return peers
  const existing = links.map(({ peer }) => peer)
  // A host that has not come into view yet is like none.
  if (host === null || !peers.includes(host)) return existing
  const isSettled = links.some(({ peer, isOpen }) => peer === host && isOpen)
  return isSettled ? [host] : [host, ...existing.filter((peer) => peer !== host)]
}
