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

/** The members and the host of a room, as the server reports them. Immutable: replaced as a whole. */
export interface Roster<Who = Member>
  extends RoomView,
    Pick<WelcomeMessage, 'iceServers' | 'host' | 'term' | 'epoch'> {
  /** This peer. */
  readonly me: Who
  /** The others, in join order. */
  readonly peers: ReadonlyMap<PeerId, Who>
  /** Why the last peer left; `timeout` for those that are missing in a welcome. */
  readonly leaveReason: LeaveReason
  /** Why the host changed last; `null` when a welcome reported it. */
  readonly hostReason: HostReason | null
}

/** The roster before the first welcome. */
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

/** A message that changes the roster. */
export type RosterMessage = RoomMessage | IceServersMessage | WelcomeMessage

/** Applies a message. A welcome replaces the roster; the others change a part of it. */
export const nextRoster = (roster: Roster, message: RosterMessage): Roster => {
  const peers = new Map(roster.peers)
  switch (message.type) {
    case 'welcome': {
      const me = reuse(roster.me, message.self)
      const others = message.peers.map(
        (peer) => [peer.id, reuse(peers.get(peer.id), peer)] as const,
      )
      return { ...emptyRoster, ...message, self: me.id, me, peers: new Map(others) }
    }
    case 'peer-left':
      peers.delete(message.id)
      return { ...roster, peers, leaveReason: message.reason }
    case 'peer-joined':
    case 'peer-updated': {
      const { peer } = message
      // This peer's own join is in the welcome.
      if (peer.id === roster.self) return { ...roster, me: reuse(roster.me, peer) }
      return { ...roster, peers: peers.set(peer.id, reuse(peers.get(peer.id), peer)) }
    }
    case 'host':
      return { ...roster, ...message, hostReason: message.reason }
    default:
      return { ...roster, ...message }
  }
}

/** The roster as applications see it: with link states, and unchanged peers as the same objects. */
export const snapshot = (
  roster: Roster,
  previous: Roster<Peer>,
  linkTo: (id: PeerId) => LinkStatus | null,
): Roster<Peer> => {
  const peers = new Map<PeerId, Peer>()
  for (const [id, peer] of roster.peers) {
    peers.set(id, reuse(previous.peers.get(id), { ...peer, link: linkTo(id) }))
  }
  return { ...roster, me: reuse(previous.me, { ...roster.me, link: null }), peers }
}

/** Emits an event for each difference between two rosters. */
export const emitChanges = (
  before: Roster<Peer>,
  after: Roster<Peer>,
  emit: Emitter<RoomEvents>['emit'],
): void => {
  const { host, term, epoch, leaveReason: reason } = after
  for (const peer of before.peers.values()) {
    if (!after.peers.has(peer.id)) emit('peerleave', { peer, reason })
  }
  emitPeerChanges(after.me, before.me, emit)
  for (const peer of after.peers.values()) emitPeerChanges(peer, before.peers.get(peer.id), emit)
  if (host !== before.host || term !== before.term || epoch !== before.epoch) {
    const [isHost, previous] = [host === after.self, before.host]
    emit('hostchange', { host, previous, isHost, term, epoch, reason: after.hostReason })
  }
}

const emitPeerChanges = (
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

/** The previous object if nothing in it has changed. */
const reuse = <Who extends Member>(previous: Who | undefined, next: Who): Who =>
  previous && isSame(previous, next) ? previous : next

/**
 * All fields are JSON. What has not changed is mostly the same object: a link event reads no
 * presence. Otherwise the texts are compared: servers always write fields in the same order.
 */
const isSame = <Who extends Member>(one: Who, other: Who): boolean =>
  Object.entries(one).every(([name, value]) => {
    const next: unknown = Reflect.get(other, name)
    return value === next || JSON.stringify(value) === JSON.stringify(next)
  })
