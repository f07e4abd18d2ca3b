import type { ErrorMessage, Millis, PeerId, WelcomeMessage } from '@skein/protocol'
import type {
  Channel,
  ChannelOptions,
  JsonValue,
  On,
  Peer,
  Room,
  RoomEvents,
  RoomStatus,
  SkeinErrorShape,
} from '../api.ts'
import { createEmitter, type Emitter } from '../base/emitter.ts'
import { SkeinError } from '../base/errors.ts'
import { ChannelMux } from '../channel/channel-mux.ts'
import { compareHostTerms, type HostTerm } from '../core/host-term.ts'
import type { Connect } from '../signaling/early-client.ts'
import type { MemberInfo, SignalingClient, SignalingObserver } from '../signaling/signaling.ts'
import type { Clock } from '../time/clock.ts'
import { checkLabel } from '../transport/label.ts'
import { createLazy, type Lazy } from './lazy.ts'
import type { LazyFeatures } from './lazy-features.ts'
import { Links, type LinksOptions } from './links.ts'
import { checkMemberInfo, type Settings } from './options.ts'
import { watchPage } from './page.ts'
import type { Registration } from './registration.ts'
import {
  emitChanges,
  emptyRoster,
  nextRoster,
  type Roster,
  type RosterMessage,
  snapshot,
} from './roster.ts'

export interface RoomOptions extends Settings {
  readonly clock: Clock
  readonly random: () => number
  /** Takes over the signaling client, which connects already. */
  readonly connect: Connect
  /** Loads the code that a chat does not need. */
  readonly loadLazyFeatures: () => Promise<{ readonly LazyFeatures: typeof LazyFeatures }>
  /** For `log`. */
  readonly onNote?: LinksOptions['onNote']
}

/** What `diagnose` and `log` read. */
export interface Insides extends Pick<RoomOptions, 'url' | 'rtc' | 'clock' | 'RTCPeerConnection'> {
  readonly signaling: Pick<SignalingClient, 'socket'>
  readonly links: Links
  readonly roster: Roster
  /** When the status changed last, by the clock. */
  readonly statusAt: Millis
}

/** A room, from before it is joined. Applications see it as a `Room`. */
export class LiveRoom implements Room {
  readonly name: string
  readonly closed: Promise<SkeinErrorShape | null>
  readonly #emitter: Emitter<RoomEvents> = createEmitter<RoomEvents>()
  readonly on: On<RoomEvents> = this.#emitter.on
  readonly #options: RoomOptions
  readonly #signaling: SignalingClient
  readonly #mux: ChannelMux
  readonly #links: Links
  readonly #registrations = new Set<Registration>()
  readonly #lazy: Lazy<LazyFeatures>
  readonly #unwatchPage: () => void
  #resolveClosed: (error: SkeinErrorShape | null) => void = () => {}
  #roster: Roster = emptyRoster
  /** The roster that events have reported to the application. */
  #reported = emptyRoster
  #status: RoomStatus = 'connecting'
  #statusAt: Millis

  constructor(options: RoomOptions) {
    const { room, clock, loadLazyFeatures } = options
    this.name = room
    this.#options = options
    this.#statusAt = clock.now()
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    const signaling = this.#connect(options)
    const mux = this.#createMux(options)
    const links = this.#createLinks(options, { signaling, mux })
    this.#signaling = signaling
    this.#mux = mux
    this.#links = links
    this.#lazy = createLazy(clock, async () => {
      const { LazyFeatures } = await loadLazyFeatures()
      return new LazyFeatures({
        room: this,
        registrations: this.#registrations,
        onError: this.#emitError,
        view: this.#view,
        signaling,
        mux,
        links,
        clock,
        canRelay: options.canRelay,
      })
    })
    this.#unwatchPage = watchPage({
      networkChanged: () => {
        signaling.renew()
        for (const link of links.all()) link.networkChanged()
      },
      probe: () => {
        signaling.probe()
        for (const link of links.all()) link.probe()
      },
      visibilityChanged: (isHidden) => {
        for (const link of links.all()) link.setHidden(isHidden)
      },
      hide: (isCached) => this.#hide(isCached, options.rejoin !== undefined),
    })
  }

  get self(): Peer {
    return this.#reported.me
  }
  get peers(): ReadonlyMap<PeerId, Peer> {
    return this.#reported.peers
  }
  get host(): PeerId | null {
    return this.#roster.host
  }
  get isHost(): boolean {
    return this.host === this.self.id
  }
  get term(): number {
    return this.#roster.term
  }
  get epoch(): number {
    return this.#roster.epoch
  }
  get status(): RoomStatus {
    return this.#status
  }

  get insides(): Insides {
    const { url, rtc, clock, RTCPeerConnection } = this.#options
    return {
      url,
      rtc,
      clock,
      RTCPeerConnection,
      signaling: this.#signaling,
      links: this.#links,
      roster: this.#roster,
      statusAt: this.#statusAt,
    }
  }

  readonly channel = <Data = JsonValue>(label: string, options?: ChannelOptions): Channel<Data> => {
    checkLabel(label)
    const channel = this.#mux.channel(label, options)
    // An unreliable channel gets its own data channel once the code for it is loaded.
    if (channel.frameChannel) this.#lazy.useInBackground(() => {})
    // The application declares the type of the data that peers send: only it can know.
    return channel as unknown as Channel<Data>
  }

  readonly handle: Room['handle'] = (name, handler) => this.#register({ name, handler })

  readonly asHost: Room['asHost'] = (task) => this.#register({ task })

  readonly call: Room['call'] = (...args) =>
    this.#lazy.use(args[3], (features) => features.call(...args))

  readonly callAll: Room['callAll'] = (...args) =>
    this.#lazy.use(args[2], (features) => features.callAll(...args))

  readonly transferHost: Room['transferHost'] = (...args) =>
    this.#lazy.use(args[1], (features) => features.transferHost(...args))

  readonly kick: Room['kick'] = (...args) =>
    this.#lazy.use(args[1], (features) => features.kick(...args))

  readonly update = (change: Partial<MemberInfo>): void => {
    if (this.#status === 'closed') throw new SkeinError('closed')
    checkMemberInfo(change)
    this.#signaling.update(change)
  }

  readonly leave = async (): Promise<void> => {
    const flushed = this.#mux.flush()
    // A room with nothing to flush is left within this call.
    if (flushed !== null) await flushed
    this.#signaling.close({ leave: true })
    this.#setStatus('closed')
  };

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave()
  }

  /** A page that is put away holds no role: frozen, it would be a host that does nothing. */
  #hide(isCached: boolean, mayRejoin: boolean): void {
    // With peer connections it is thrown out of the cache, though `persisted` said otherwise.
    const mayReturn = mayRejoin || (isCached && ![...this.peers.values()].some(hasConnection))
    this.#signaling.suspend(mayReturn ? { type: 'away', reload: !isCached } : { type: 'leave' })
    if (isCached) this.#endHosting()
    else this.#setStatus('closed')
  }

  /**
   * A message of a newer host term proves that the role has moved on while the server is away. It
   * ends only what this peer does as host; who hosts now is for the server to say.
   */
  #heard(hostTerm: HostTerm): void {
    const isNewer = compareHostTerms(hostTerm, this.#roster) > 0
    if (isNewer && this.#status === 'degraded') this.#endHosting()
  }

  /** Until the server says who hosts now. */
  #endHosting(): void {
    if (!this.isHost) return
    this.#roster = { ...this.#roster, host: null, hostReason: null }
    this.#update()
  }

  #connect({ connect }: RoomOptions): SignalingClient {
    return connect({
      isBusy: () => this.#links.all().some(({ isBusy }) => isBusy),
      isBroken: () => this.#links.all().some(({ brokenSince }) => brokenSince !== null),
      observer: {
        welcomed: (welcome) => this.#welcomed(welcome),
        received: (message) => this.#received(message),
        reached: () => this.#lazy.value?.reachedServer(),
        onlineChanged: (isOnline) => this.#setStatus(isOnline ? 'connected' : 'degraded'),
        closed: (error) => this.#setStatus('closed', error),
      },
    })
  }

  #createMux({ clock, maxMessageBytes }: RoomOptions): ChannelMux {
    return new ChannelMux({
      clock,
      maxMessageBytes,
      view: this.#view,
      error: this.#emitError,
      wanted: (peer, isWanted) => this.#links.setWanted(peer, isWanted),
      heard: (hostTerm) => this.#heard(hostTerm),
      serverIsBack: () => this.#signaling.serverIsBack(),
      toHost: (...args) => this.#lazy.use(args[2], (features) => features.toHost(...args)),
      undelivered: (id, channel, count) => {
        const peer = this.peers.get(id)
        // After the `peerleave` event of this turn, and also after leaving.
        if (peer) queueMicrotask(() => this.#emitter.emit('undelivered', { peer, channel, count }))
      },
    })
  }

  #createLinks(options: RoomOptions, parts: Pick<LinksOptions, 'signaling' | 'mux'>): Links {
    const { topology, rtc, RTCPeerConnection, clock, random } = options
    return new Links({
      ...parts,
      topology,
      rtc,
      RTCPeerConnection,
      clock,
      random,
      view: this.#view,
      onChange: () => this.#update(),
      onError: this.#emitError,
      onNote: options.onNote,
      mesh: () => this.#lazy.value?.mesh ?? null,
      isHeldBack: () => this.#lazy.use({}, (features) => features.isHeldBack()).catch(() => false),
      unreliableChannels: (...args) => this.#lazy.value?.unreliableChannels(...args) ?? null,
      readPath: (connection) =>
        this.#lazy.use({}, (features) => features.readPath(connection)).catch(() => null),
    })
  }

  #welcomed(welcome: WelcomeMessage): void {
    const { self } = this.#roster
    if (self && self !== welcome.self.id) {
      // This peer has a new id, and the links of the old one are dead.
      this.#links.closeAll()
      this.#emitChanges()
    }
    const links = this.#links.all()
    this.#apply(welcome)
    // What was sent on the last socket may be lost.
    for (const link of links) link.retry()
    // Before a path breaks: the page may lose the server with it.
    this.#lazy.useInBackground(() => {})
  }

  #received(message: Parameters<SignalingObserver['received']>[0]): void {
    if (message.type === 'signal') {
      this.#links.receive(message.from, message.data)
      this.#lazy.value?.mesh.heard(message.from, message.data)
    } else if (message.type === 'error') this.#onServerError(message)
    else this.#apply(message)
  }

  #onServerError({ code, message, about }: ErrorMessage): void {
    // Signals to a member that has just left are common: the link is repaired, or the member leaves.
    if (about === 'signal' && code.startsWith('peer-')) return
    if (about === 'transfer-host' || about === 'kick') {
      this.#lazy.useInBackground((features) => features.rejectRequest(about, code))
    } else this.#emitError(new SkeinError(code, { message }))
  }

  #apply(message: RosterMessage): void {
    this.#roster = nextRoster(this.#roster, message)
    if ('iceServers' in message) this.#links.setIceServers(message.iceServers)
    this.#update()
  }

  #register(entry: Registration): () => void {
    const update = () => this.#lazy.useInBackground((features) => features.update())
    this.#registrations.add(entry)
    update()
    return () => {
      this.#registrations.delete(entry)
      update()
    }
  }

  /** Matches the links to the roster, then reports what has changed. */
  #update(): void {
    if (this.#status === 'closed') return
    this.#links.sync()
    this.#emitChanges()
  }

  #emitChanges(): void {
    const before = this.#reported
    const after = snapshot(this.#roster, before, this.#links.statusOf)
    this.#reported = after
    emitChanges(before, after, this.#emit)
  }

  readonly #view = () => this.#roster

  readonly #emitError = (error: SkeinErrorShape): void => this.#emitter.emit('error', { error })

  readonly #emit: Emitter<RoomEvents>['emit'] = (name, event) => {
    // A listener may have left the room.
    if (this.#status !== 'closed') this.#emitter.emit(name, event)
  }

  #setStatus(status: RoomStatus, error: SkeinErrorShape | null = null): void {
    const previous = this.#status
    if (previous === status || previous === 'closed') return
    this.#status = status
    this.#statusAt = this.#options.clock.now()
    if (status === 'closed') {
      this.#unwatchPage()
      this.#mux.close()
      this.#links.closeAll()
      this.#emitChanges()
      this.#resolveClosed(error)
    }
    if (error) this.#emitError(error)
    this.#emitter.emit('statuschange', { status, previous })
  }
}

const hasConnection = ({ link }: Peer): boolean => link !== null && link.state !== 'failed'
