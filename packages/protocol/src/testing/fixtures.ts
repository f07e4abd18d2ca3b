import { type PeerId, peerId } from '../ids.ts'
import { defaultLimits } from '../limits.ts'
import type {
  HostMessage,
  JoinMessage,
  Member,
  PeerJoinedMessage,
  PeerLeftMessage,
  PeerUpdatedMessage,
  SignalData,
  WelcomeMessage,
} from '../messages.ts'

/** Uses a name as peer id. */
export const peerIdOf = (name: string): PeerId => peerId(name)

/** A member that is online and can host. */
export const memberOf = (change: Partial<Member> = {}): Member => ({
  id: peerId('ann'),
  joinOrder: 0,
  presence: null,
  canHost: true,
  priority: 0,
  online: true,
  ...change,
})

/** A welcome to a room whose only member, the host, has just joined. */
export const welcomeOf = (change: Partial<WelcomeMessage> = {}): WelcomeMessage => {
  const self = change.self ?? memberOf()
  return {
    type: 'welcome',
    v: 1,
    self,
    room: 'blue-door',
    epoch: 1_700_000_000_000,
    revision: 2,
    term: 1,
    host: self.id,
    peers: [],
    resume: 'resume-token',
    resumed: false,
    iceServers: [],
    limits: defaultLimits,
    ...change,
  }
}

/** A join with the defaults written out. */
export const joinOf = (change: Partial<JoinMessage> = {}): JoinMessage => ({
  type: 'join',
  v: 1,
  room: 'blue-door',
  presence: null,
  canHost: true,
  priority: 0,
  token: null,
  resume: null,
  ...change,
})

/** Ben joins. */
export const peerJoinedOf = (change: Partial<PeerJoinedMessage> = {}): PeerJoinedMessage => ({
  type: 'peer-joined',
  revision: 3,
  peer: memberOf({ id: peerId('ben'), joinOrder: 1 }),
  ...change,
})

/** Ben leaves. */
export const peerLeftOf = (change: Partial<PeerLeftMessage> = {}): PeerLeftMessage => ({
  type: 'peer-left',
  revision: 4,
  id: peerId('ben'),
  reason: 'left',
  ...change,
})

/** Ben goes offline. */
export const peerUpdatedOf = (change: Partial<PeerUpdatedMessage> = {}): PeerUpdatedMessage => ({
  type: 'peer-updated',
  revision: 4,
  peer: memberOf({ id: peerId('ben'), joinOrder: 1, online: false }),
  ...change,
})

/** Ben becomes host after Ann has left. */
export const hostOf = (change: Partial<HostMessage> = {}): HostMessage => ({
  type: 'host',
  revision: 4,
  term: 2,
  host: peerId('ben'),
  previous: peerId('ann'),
  reason: 'left',
  ...change,
})

/** An offer on a new link. */
export const offerOf = (sdp = 'v=0\r\n'): SignalData => ({
  link: { local: 'local-link', remote: null },
  type: 'description',
  description: { type: 'offer', sdp },
})

/** A candidate; `null` is the end of candidates. */
export const candidateOf = (candidate: string | null = 'candidate:1'): SignalData => ({
  link: { local: 'local-link', remote: null },
  type: 'candidate',
  candidate: candidate === null ? null : { candidate, sdpMid: '0', sdpMLineIndex: 0 },
})

/** A public key, for what other members forward. */
export const keyOf = (): SignalData => ({
  link: { local: '', remote: '' },
  type: 'candidate',
  candidate: null,
  key: 'BHkk1yt7vQ-SOpKYgxU',
})
