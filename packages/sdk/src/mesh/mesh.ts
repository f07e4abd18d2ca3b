import type { ClientMessage, Millis, PeerId, SignalData } from '@skein/protocol'
import type { LinkStatus, Room } from '../api.ts'
import type { ChannelMux } from '../channel/channel-mux.ts'
import type { RoomView } from '../channel/check-term.ts'
import type { PeerLink } from '../link/link.ts'
import type { Clock } from '../time/clock.ts'
import { createTimer } from '../time/restartable-timer.ts'
import { meshLabel, relayLabel } from '../transport/label.ts'
import { type Detour, detourFor } from './detour.ts'
import { Forwarder, type ForwardingCost } from './forwarder.ts'
import { KeyExchange } from './key-exchange.ts'
import { Keyring, type Subtle } from './keyring.ts'
import * as limits from './limits.ts'
import { Neighbors } from './neighbors.ts'
import { createPost, type Post } from './post.ts'
import { RateLimit } from './rate-limit.ts'
import { decodeRelayFrame } from './relay-frame.ts'
import { SealedSignals } from './sealed-signals.ts'
import { Vias } from './vias.ts'

export interface MeshOptions {
  readonly room: Pick<Room, 'self' | 'peers' | 'on'>
  readonly mux: ChannelMux
  readonly clock: Clock
  readonly view: () => RoomView
  readonly signaling: {
    readonly isOnline: boolean
    readonly send: (message: Extract<ClientMessage, { type: 'signal' }>) => boolean
  }
  readonly links: {
    get(peer: PeerId): PeerLink | null
    receive(from: PeerId, data: SignalData): void
  }
  readonly canRelay: boolean
  /** `null` in a page without HTTPS. */
  readonly subtle: Subtle | null
}

/** What is kept of a link that needs others, or may need them. */
interface Case {
  /** When its first attempt was answered. */
  answeredAt: Millis | null
  hasLostVia: boolean
  /** When a direct connection is tried again, behind one through a member. */
  upgradeAt: Millis
  upgradeMs: Millis
}

/**
 * What the members of a room do for each other when a path, or the server, is missing: they carry
 * signals between two others, and forward their data, both sealed.
 * @see LINKS.md
 */
export class Mesh {
  readonly #options: MeshOptions
  readonly #post: Post
  readonly #forwarder: Forwarder
  readonly #neighbors: Neighbors
  readonly #help: Help | null
  readonly #wasOpen = new Set<PeerId>()
  readonly #cases = new Map<PeerId, Case>()
  readonly #signalRate = new RateLimit<PeerId>({
    perSecond: limits.signalsPerSecond,
    burst: limits.signalsBurst,
  })
  readonly #timer: (delayMs?: Millis, task?: () => void) => void
  #isLooking = false
  #isClosed = false

  constructor(options: MeshOptions) {
    const { room, mux, clock, canRelay, subtle } = options
    this.#options = options
    this.#timer = createTimer(clock)
    const post = createPost(options)
    this.#post = post
    const isReached = (peer: PeerId) => isDirect(options.links.get(peer))
    this.#forwarder = new Forwarder({ post, clock, canRelay, isReached })
    this.#neighbors = new Neighbors({
      post,
      peers: () => room.peers.keys(),
      isReached,
      rttMs: (peer) => options.links.get(peer)?.status.rttMs ?? 0,
      load: () => this.#forwarder.load,
    })
    this.#help = subtle && createHelp(options, { subtle, post, lost: (peer) => this.#lost(peer) })
    mux.channel(meshLabel).on('message', ({ from, data }) => this.#onMessage(from, data))
    mux.channel(relayLabel).on('message', ({ from, data }) => this.#onFrame(from, data))
    this.#watch()
    for (const { id, link } of room.peers.values()) if (link) this.#linkChanged(id, link)
    this.#lookSoon()
  }

  /** What this page has forwarded for others. */
  get cost(): ForwardingCost {
    return this.#forwarder.cost
  }

  /** A link is broken. Returns whether a member can carry an offer to the peer. */
  reaches(peer: PeerId): boolean {
    this.#lookSoon()
    return this.#help?.keyring.has(peer) === true && this.#neighbors.reaching(peer).length > 0
  }

  /** A signal to a peer: also goes through members, if the server or the link is away. */
  carry(to: PeerId, data: SignalData): void {
    this.#noteAnswer(to, data)
    const { isCarried } = this.#detour(to)
    const carriers = this.#neighbors.reaching(to).slice(0, limits.carriers)
    if (!isCarried || carriers.length === 0) return
    this.#help?.signals.seal(to, data, (sealed) => {
      for (const { id } of carriers) this.#post.message(id, ['carry', to, sealed])
    })
  }

  /** A signal from a peer has come through the server. */
  heard(from: PeerId, data: SignalData): void {
    this.#noteAnswer(from, data)
    if (data.type !== 'candidate' || data.key === undefined) return
    this.#learn(from, data.key, 'server')
    this.#help?.keys.sendThroughServer(from)
  }

  #watch(): void {
    const { on } = this.#options.room
    on('linkchange', ({ peer, link }) => {
      if (link) this.#linkChanged(peer.id, link)
      this.#neighbors.changed()
      this.#lookSoon()
    })
    on('peerjoin', () => this.#neighbors.changed())
    on('peerupdate', () => this.#lookSoon())
    on('peerleave', ({ peer }) => {
      this.#wasOpen.delete(peer.id)
      this.#cases.delete(peer.id)
      this.#signalRate.forget(peer.id)
      this.#forwarder.forget(peer.id)
      this.#neighbors.changed()
      this.#help?.forget(peer.id)
    })
    on('statuschange', ({ status }) => {
      this.#isClosed = status === 'closed'
      if (this.#isClosed) this.#timer()
      else this.#lookSoon()
    })
  }

  #linkChanged(peer: PeerId, link: LinkStatus): void {
    if (link.state === 'open') {
      this.#wasOpen.add(peer)
      if (!link.via) this.#help?.keys.sendDirectly(peer)
    }
    if (!(link.state === 'open' && !link.via)) this.#help?.keys.interrupted(peer)
    if (!isDirect(this.#options.links.get(peer))) this.#help?.vias.lost(peer)
    const isAlone = link.state === 'failed' && !this.#help && !link.reason?.endsWith(insecure)
    if (isAlone) this.#options.links.get(peer)?.explain(`${link.reason} ${insecure}`)
  }

  #onMessage(from: PeerId, data: unknown): void {
    const [type, first, second] = Array.isArray(data) ? data : []
    if (type === 'seek') this.#neighbors.onSeek(from, first)
    else if (type === 'reach') this.#onReach(from, first)
    else if (type === 'carry') this.#forwarder.signal(from, first, String(second))
    else if (type === 'signal') this.#onSignal(from, first, second)
    // Through a member it would come from nobody that knows who the peer is.
    else if (type === 'key' && !this.#isVia(from)) this.#learn(from, first, 'direct')
  }

  #onReach(from: PeerId, list: unknown): void {
    for (const peer of this.#neighbors.onReach(from, list)) {
      // There is a way for signals again.
      if (this.#isCutOff(peer)) this.#options.links.get(peer)?.retry()
    }
    this.#lookSoon()
  }

  /** A member has carried a signal of another. */
  #onSignal(carrier: PeerId, from: PeerId, sealed: unknown): void {
    const { room, clock, links } = this.#options
    if (from === carrier || !room.peers.has(from)) return
    if (!this.#signalRate.allows(carrier, clock.now())) return
    this.#help?.signals.open(from, sealed, (data) => {
      this.#noteAnswer(from, data)
      if (room.peers.has(from)) links.receive(from, data)
    })
  }

  #onFrame(from: PeerId, data: unknown): void {
    const frame = decodeRelayFrame(data)
    if (!frame) return
    if (!frame.isDelivery) this.#forwarder.frame(from, frame)
    // One hop only: a link that goes through a member carries no other.
    else if (isDirect(this.#options.links.get(from))) this.#help?.vias.receive(from, frame)
  }

  #learn(peer: PeerId, key: unknown, source: 'direct' | 'server'): void {
    if (!this.#help?.keyring.learn(peer, key, source)) return
    this.#help.signals.restart(peer)
    this.#lookSoon()
  }

  #noteAnswer(peer: PeerId, data: SignalData): void {
    const isAnswer = data.type === 'description' && data.description.type === 'answer'
    if (isAnswer) this.#caseOf(peer).answeredAt ??= this.#options.clock.now()
  }

  /** A via connection has ended: another one is made at once. */
  #lost(peer: PeerId): void {
    this.#caseOf(peer).hasLostVia = true
    this.#lookSoon()
  }

  /** After what is going on now: links do not expect to be called from within. */
  #lookSoon(): void {
    if (this.#isLooking || this.#isClosed) return
    this.#isLooking = true
    queueMicrotask(() => {
      this.#isLooking = false
      if (!this.#isClosed) this.#look()
    })
  }

  /** Looks at all links, and again in a moment if one of them is in trouble. */
  #look(): void {
    const { room, links } = this.#options
    const cases: [PeerId, PeerLink][] = []
    for (const peer of room.peers.keys()) {
      const link = links.get(peer)
      if (link && (link.brokenSince !== null || link.status.via)) cases.push([peer, link])
      else this.#cases.delete(peer)
    }
    const sought = cases.filter(([peer, link]) => this.#assist(peer, link))
    this.#neighbors.seek(sought.map(([peer]) => peer))
    const isFresh = cases.some(([, link]) => this.#ageOf(link) < limits.freshMs)
    const nextMs = isFresh ? limits.tickMs : limits.slowTickMs
    this.#timer(nextMs, cases.length > 0 ? () => this.#lookSoon() : undefined)
  }

  /** Does what is due for a link; returns whether the peer is sought. */
  #assist(peer: PeerId, link: PeerLink): boolean {
    const help = this.#help
    const { isSought, isViaDue } = this.#detour(peer)
    if (!help) return false
    if (isSought && !help.keyring.has(peer)) help.keys.sendThroughServer(peer)
    if (isViaDue && help.keyring.has(peer)) {
      const members = this.#neighbors.reaching(peer).filter(({ canRelay }) => canRelay)
      help.vias.open(
        peer,
        members.map(({ id }) => id),
      )
    }
    if (link.status.via) this.#upgrade(peer, link)
    return isSought
  }

  /** Behind a connection through a member, a direct one is tried again and again. */
  #upgrade(peer: PeerId, link: PeerLink): void {
    const now = this.#options.clock.now()
    const known = this.#caseOf(peer)
    known.hasLostVia = false
    if (known.upgradeAt === 0) known.upgradeAt = now + limits.upgradeMs
    if (now < known.upgradeAt || !this.#isPolite(peer)) return
    known.upgradeMs = Math.min(2 * known.upgradeMs, limits.maxUpgradeMs)
    known.upgradeAt = now + known.upgradeMs
    link.retry()
  }

  #detour(peer: PeerId): Detour {
    const { clock, links } = this.#options
    const { answeredAt, hasLostVia } = this.#caseOf(peer)
    return detourFor({
      now: clock.now(),
      brokenSince: links.get(peer)?.brokenSince ?? null,
      isVia: this.#isVia(peer),
      wasOpen: this.#wasOpen.has(peer),
      isPolite: this.#isPolite(peer),
      isCutOff: this.#isCutOff(peer),
      answeredAt,
      hasLostVia,
    })
  }

  #caseOf(peer: PeerId): Case {
    const known = this.#cases.get(peer)
    if (known) return known
    const { upgradeMs } = limits
    const fresh = { answeredAt: null, hasLostVia: false, upgradeAt: 0, upgradeMs }
    this.#cases.set(peer, fresh)
    return fresh
  }

  #ageOf({ brokenSince }: PeerLink): Millis {
    return brokenSince === null ? Infinity : this.#options.clock.now() - brokenSince
  }

  #isVia(peer: PeerId): boolean {
    return Boolean(this.#options.links.get(peer)?.status.via)
  }

  #isCutOff(peer: PeerId): boolean {
    const { signaling, room } = this.#options
    return !signaling.isOnline || room.peers.get(peer)?.online === false
  }

  /** As for offers, the one that joined later begins. */
  #isPolite(peer: PeerId): boolean {
    const { self, peers } = this.#options.room
    return self.joinOrder > (peers.get(peer)?.joinOrder ?? 0)
  }
}

/** What needs keys. */
interface Help {
  readonly keyring: Keyring
  readonly keys: KeyExchange
  readonly signals: SealedSignals
  readonly vias: Vias
  readonly forget: (peer: PeerId) => void
}

const createHelp = (
  { room, clock, signaling, links }: MeshOptions,
  {
    subtle,
    post,
    lost,
  }: { readonly subtle: Subtle; readonly post: Post; readonly lost: (peer: PeerId) => void },
): Help => {
  const keyring = new Keyring(subtle)
  const self = () => room.self.id
  const keys = new KeyExchange({ keyring, post, signaling, clock })
  const signals = new SealedSignals({ subtle, keyring, self })
  const vias = new Vias({
    subtle,
    keyring,
    post,
    clock,
    self,
    linkTo: (peer) => links.get(peer),
    lost,
  })
  return {
    keyring,
    keys,
    signals,
    vias,
    forget: (peer) => {
      keyring.forget(peer)
      keys.forget(peer)
      signals.restart(peer)
      vias.forget(peer)
    },
  }
}

const insecure = 'Without HTTPS no other member can relay.'

/** An open link that goes through nobody. */
const isDirect = (link: PeerLink | null): boolean =>
  link?.status.state === 'open' && link.brokenSince === null && link.status.via === null
