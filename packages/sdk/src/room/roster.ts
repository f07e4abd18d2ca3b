import type { Epoch, Member, PeerId, RoomMessage, Term, WelcomeMessage } from '@skein/protocol'
import type { LinkStatus, Peer } from '../api.ts'

/** Who is in the room and who hosts it: the one truth of the SDK, replaced as a whole. */
export interface Roster {
  readonly self: Peer
  /** The others, in join order. */
  readonly peers: ReadonlyMap<PeerId, Peer>
  readonly host: PeerId | null
  readonly term: Term
  readonly epoch: Epoch
}

/** What changed from one roster to the next. */
export type RosterChange =
  | { readonly type: 'joined'; readonly id: PeerId }
  | { readonly type: 'left'; readonly peer: Peer }
  | { readonly type: 'updated'; readonly id: PeerId; readonly previous: Peer }
  | { readonly type: 'host'; readonly previous: PeerId | null }

/** A welcome is the whole truth; links are not its business. `null`: it is the first. */
export const applyWelcome = (
  roster: Roster | null,
  { self, peers, host, term, epoch }: WelcomeMessage,
): Roster => ({
  self: keep(roster?.self, self),
  peers: new Map(peers.map((member) => [member.id, keep(roster?.peers.get(member.id), member)])),
  host,
  term,
  epoch,
})

export const applyMessage = (roster: Roster, message: RoomMessage): Roster => {
  const peers = new Map(roster.peers)
  switch (message.type) {
    case 'peer-left':
      peers.delete(message.id)
      return { ...roster, peers }
    case 'host':
      return { ...roster, host: message.host, term: message.term }
    default:
      return withMember(roster, message.peer)
  }
}

/** What is told of a change from one roster to the next. */
export const rosterChanges = (before: Roster, after: Roster): readonly RosterChange[] => {
  const gone = [...before.peers.values()].filter(({ id }) => !after.peers.has(id))
  const news = [after.self, ...after.peers.values()].flatMap((peer): readonly RosterChange[] => {
    const previous = peer === after.self ? before.self : before.peers.get(peer.id)
    if (!previous) return [{ type: 'joined', id: peer.id }]
    return peer === previous ? [] : [{ type: 'updated', id: peer.id, previous }]
  })
  const { host, term, epoch } = before
  const isSameReign = host === after.host && term === after.term && epoch === after.epoch
  return [
    ...gone.map((peer) => ({ type: 'left' as const, peer })),
    ...news,
    ...(isSameReign ? [] : [{ type: 'host' as const, previous: host }]),
  ]
}

/** The roster with another link status for one peer. */
export const withLink = (roster: Roster, id: PeerId, link: LinkStatus | null): Roster => {
  const peer = roster.peers.get(id)
  return peer ? { ...roster, peers: new Map(roster.peers).set(id, { ...peer, link }) } : roster
}

const withMember = (roster: Roster, member: Member): Roster => {
  const { self, peers } = roster
  const { id } = member
  // My own join is in the welcome.
  if (id === self.id) return { ...roster, self: keep(self, member) }
  return { ...roster, peers: new Map(peers).set(id, keep(peers.get(id), member)) }
}

/** The snapshot that is known, if nothing in it has changed. */
const keep = (known: Peer | undefined, member: Member): Peer => {
  const fresh = { ...member, link: known?.link ?? null }
  // Every field is JSON, and the server's are always in the same order.
  return known && JSON.stringify(known) === JSON.stringify(fresh) ? known : fresh
}
