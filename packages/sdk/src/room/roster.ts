import {
  type HostReason,
  type IceServersMessage,
  type LeaveReason,
  type Member,
  type PeerId,
  peerId,
  type RoomMessage,
  type WelcomeMessage,
} from '@skein/protocol'
import type { LinkStatus, Peer, RoomEvents } from '../api.ts'
import type { Emitter } from '../base/emitter.ts'
import type { RoomView } from '../channel/check-term.ts'

/** Who is in the room and who hosts it: the one truth of the SDK, replaced as a whole. */
export interface Roster<Who = Member>
  extends RoomView,
    Pick<WelcomeMessage, 'iceServers' | 'host' | 'term' | 'epoch'> {
  readonly me: Who
  /** The others, in join order. */
  readonly peers: ReadonlyMap<PeerId, Who>
  /** Of the latest who left. When nobody saw it go, its time ran out for all that is known. */
  readonly leaveReason: LeaveReason
  /** Of the latest change of host; `null` when it was learned from a welcome. */
  readonly hostReason: HostReason | null
}

/** Before the first welcome. */
export const emptyRoster: Roster<Peer> = {
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
  leaveReason: 'timeout',
  hostReason: null,
}

/** What brings about a change. */
export type Cause = RoomMessage | IceServersMessage | WelcomeMessage

/** A welcome is the whole truth; the others change a part of it. */
export const nextRoster = (roster: Roster, message: Cause): Roster => {
  const peers = new Map(roster.peers)
  switch (message.type) {
    case 'welcome': {
      const others = message.peers.map((peer) => [peer.id, peer] as const)
      const { self: me } = message
      return { ...emptyRoster, ...message, self: me.id, me, peers: new Map(others) }
    }
    case 'peer-left':
      peers.delete(message.id)
      return { ...roster, peers, leaveReason: message.reason }
    case 'peer-joined':
    case 'peer-updated': {
      const { peer } = message
      // My own join is in the welcome.
      if (peer.id === roster.self) return { ...roster, me: peer }
      return { ...roster, peers: peers.set(peer.id, peer) }
    }
    case 'host':
      return { ...roster, ...message, hostReason: message.reason }
    default:
      return { ...roster, ...message }
  }
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
export const emitChanges = (
  before: Roster<Peer>,
  after: Roster<Peer>,
  emit: Emitter<RoomEvents>['emit'],
): void => {
  const { host, term, epoch, leaveReason: reason } = after
  for (const peer of before.peers.values()) {
    if (!after.peers.has(peer.id)) emit('peerleave', { peer, reason })
  }
  tellPeer(after.me, before.me, emit)
  for (const peer of after.peers.values()) tellPeer(peer, before.peers.get(peer.id), emit)
  if (host !== before.host || term !== before.term || epoch !== before.epoch) {
    const [isHost, previous] = [host === after.self, before.host]
    emit('hostchange', { host, previous, isHost, term, epoch, reason: after.hostReason })
  }
}

const tellPeer = (
  peer: Peer,
  previous: Peer | undefined,
  emit: Emitter<RoomEvents>['emit'],
): void => {
  const { link } = peer
  if (!previous) emit('peerjoin', { peer })
  else {
    if (!isSame(peer, { ...previous, link })) emit('peerupdate', { peer, previous })
    if (link !== previous.link) emit('linkchange', { peer, link, previous: previous.link })
  }
}

/** The snapshot that is known, if nothing in it has changed. */
const keep = (known: Peer | undefined, peer: Peer): Peer =>
  known && isSame(known, peer) ? known : peer

/** Every field is JSON, and the server's are always in the same order. */
const isSame = (one: Peer, other: Peer): boolean => JSON.stringify(one) === JSON.stringify(other)
