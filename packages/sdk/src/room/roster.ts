import {
  type IceServersMessage,
  type Member,
  type PeerId,
  peerId,
  type RoomMessage,
  type WelcomeMessage,
} from '@skein/protocol'
import type { LinkStatus, Peer, RoomEvents } from '../api.ts'
import type { RoomView } from '../channel/verdict.ts'
import type { Emitter } from '../emitter.ts'

/** Who is in the room and who hosts it: the one truth of the SDK, replaced as a whole. */
export interface Roster<Who = Member>
  extends RoomView,
    Pick<WelcomeMessage, 'iceServers' | 'host' | 'term' | 'epoch'> {
  readonly me: Who
  /** The others, in join order. */
  readonly peers: ReadonlyMap<PeerId, Who>
}

/** Before the first welcome. */
export const nobody: Roster<Peer> = {
  self: peerId(''),
  me: {
    id: peerId(''),
    joinOrder: 0,
    presence: null,
    canHost: false,
    priority: 0,
    online: false,
    link: null,
  },
  peers: new Map(),
  host: null,
  term: 0,
  epoch: 0,
  iceServers: [],
}

/** What brings about a change. */
export type Cause = RoomMessage | IceServersMessage | WelcomeMessage

/** A welcome is the whole truth; the others change a part of it. */
export const nextRoster = (roster: Roster, message: Cause): Roster => {
  const peers = new Map(roster.peers)
  switch (message.type) {
    case 'welcome': {
      const others = message.peers.map((peer) => [peer.id, peer] as const)
      return { ...message, self: message.self.id, me: message.self, peers: new Map(others) }
    }
    case 'peer-left':
      peers.delete(message.id)
      return { ...roster, peers }
    case 'peer-joined':
    case 'peer-updated': {
      const { peer } = message
      // My own join is in the welcome.
      if (peer.id === roster.self) return { ...roster, me: peer }
      return { ...roster, peers: peers.set(peer.id, peer) }
    }
    default:
      return { ...roster, ...message }
  }
}

export interface RosterChange {
  readonly before: Roster<Peer>
  readonly after: Roster<Peer>
  /** What brought it about, if that was not a link. */
  readonly message: Cause | undefined
  readonly emit: Emitter<RoomEvents>['emit']
}

/** The roster as the application sees it, with the links as they are. */
export const snapshot = (
  roster: Roster,
  before: Roster<Peer>,
  linkTo: (id: PeerId) => LinkStatus | null,
): Roster<Peer> => {
  const peers = new Map<PeerId, Peer>()
  for (const [id, peer] of roster.peers) {
    peers.set(id, keep(before.peers.get(id), { ...peer, link: linkTo(id) }))
  }
  return { ...roster, me: keep(before.me, { ...roster.me, link: null }), peers }
}

/** Tells what differs from one roster to the next. */
export const tellChange = (change: RosterChange): void => {
  const { before, after, emit } = change
  for (const peer of before.peers.values()) if (!after.peers.has(peer.id)) tellLeave(peer, change)
  tellPeer(after.me, before.me, emit)
  for (const peer of after.peers.values()) tellPeer(peer, before.peers.get(peer.id), emit)
  tellHost(change)
}

const tellLeave = (peer: Peer, { message, emit }: RosterChange): void => {
  // When nobody saw it go, its time ran out for all that is known.
  const reason = message?.type === 'peer-left' ? message.reason : 'timeout'
  emit('peerleave', { peer, reason })
}

const tellPeer = (peer: Peer, known: Peer | undefined, emit: RosterChange['emit']): void => {
  const { link } = peer
  if (!known) emit('peerjoin', { peer })
  else {
    if (!isSame(peer, { ...known, link })) emit('peerupdate', { peer, previous: known })
    if (link !== known.link) emit('linkchange', { peer, link, previous: known.link })
  }
}

const tellHost = ({ before, after, message, emit }: RosterChange): void => {
  const { self, host, term, epoch } = after
  const previous = before.host
  if (host === previous && term === before.term && epoch === before.epoch) return
  const reason = message?.type === 'host' ? message.reason : null
  emit('hostchange', { previous, host, isHost: host === self, term, epoch, reason })
}

/** The snapshot that is known, if nothing in it has changed. */
const keep = (known: Peer | undefined, peer: Peer): Peer =>
  known && isSame(known, peer) ? known : peer

/** Every field is JSON, and the server's are always in the same order. */
const isSame = (one: Peer, other: Peer): boolean => JSON.stringify(one) === JSON.stringify(other)
