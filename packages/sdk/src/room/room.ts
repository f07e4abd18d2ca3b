import type { ErrorMessage, PeerId, RoomMessage, WelcomeMessage } from '@skein/protocol'
import type {
  CallOptions,
  Channel,
  ChannelOptions,
  JsonValue,
  LinkStatus,
  On,
  Peer,
  Room,
  RoomEvents,
  RoomStatus,
  SkeinErrorShape,
} from '../api.ts'
import { Hub } from '../channel/hub.ts'
import { checkLabel } from '../channel/label.ts'
import type { RoomView } from '../channel/verdict.ts'
import type { Clock } from '../clock.ts'
import { createEmitter } from '../emitter.ts'
import { SkeinError } from '../errors.ts'
import type { AnyHandler } from '../rpc/rpc.ts'
import type { SignalingClient, SignalingObserver } from '../signaling/signaling.ts'
import type { Extras } from './extras.ts'
import { Links } from './links.ts'
import { LoadedLater } from './loaded-later.ts'
import { checkSelf, type Self, type Settings } from './options.ts'
import { watchPage } from './page.ts'
import type { Duty } from './reign-tasks.ts'
import {
  applyMessage,
  applyWelcome,
  type Roster,
  type RosterChange,
  rosterChanges,
  withLink,
} from './roster.ts'

export interface RoomOptions {
  readonly settings: Settings
  readonly clock: Clock
  readonly random: () => number
  readonly signaling: SignalingClient
  readonly welcome: WelcomeMessage
  /** Fetches what a chat does not need. */
  readonly loadExtras: () => Promise<{ readonly Extras: typeof Extras }>
}

/** A room that has been joined. Those who are given it see a `Room`, nothing of the rest. */
export class LiveRoom implements Room {
  readonly name: string
  readonly closed: Promise<SkeinErrorShape | null>
  readonly on: On<RoomEvents>
  readonly #options: RoomOptions
  readonly #emitter = createEmitter<RoomEvents>()
  readonly #hub: Hub
  readonly #links: Links
  readonly #handlers = new Map<string, AnyHandler>()
  readonly #duties = new Set<Duty>()
  readonly #extras: LoadedLater<Extras>
  readonly #unwatchPage: () => void
  #resolveClosed: (error: SkeinErrorShape | null) => void = () => {}
  #roster: Roster
  #status: RoomStatus = 'connected'
  /** Joined, but not told of yet: their links are no news either. */
  #unannounced = new Set<PeerId>()

  constructor(options: RoomOptions) {
    const { settings, clock, random, signaling, welcome } = options
    this.#options = options
    this.name = settings.room
    this.on = this.#emitter.on
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#roster = applyWelcome(null, welcome)
    this.#hub = new Hub({
      clock,
      view: this.#view,
      error: (error) => this.#emitter.emit('error', { error }),
      wanted: (peer, isWanted) => this.#links.wanted(peer, isWanted),
    })
    this.#links = new Links({
      settings,
      clock,
      random,
      hub: this.#hub,
      roster: () => this.#roster,
      signal: (to, data) => signaling.send({ type: 'signal', to, data }),
      changed: (peer, link) => this.#linkChanged(peer, link),
      violated: (peer, reason) => this.#failed('bad-message', `${peer} sent a ${reason}`),
    })
    this.#extras = new LoadedLater(() => this.#loadExtras())
    this.#unwatchPage = watchPage({
      probe: () => {
        signaling.probe()
        this.#links.probe()
      },
      leave: this.leave,
    })
    this.#links.setIceServers(welcome.iceServers)
    this.#links.plan()
    this.#extras.begin()
  }

  get self(): Peer {
    return this.#roster.self
  }
  get peers(): ReadonlyMap<PeerId, Peer> {
    return this.#roster.peers
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

  readonly channel = <Data = JsonValue>(label: string, options?: ChannelOptions): Channel<Data> => {
    checkLabel(label)
    // What peers send is what the application says it is: it is the one that knows.
    return this.#hub.channel(label, options) as unknown as Channel<Data>
  }

  readonly handle: Room['handle'] = (name, handler) => {
    const entry: AnyHandler = (args, context) => handler(args as never, context)
    this.#handlers.set(name, entry)
    return () => {
      if (this.#handlers.get(name) === entry) this.#handlers.delete(name)
    }
  }

  readonly call = <Reply = unknown>(
    ...[to, name, args = null, options = {}]: Parameters<Room['call']>
  ): Promise<Reply> =>
    this.#extras.use({ ...options, clock: this.#options.clock }, async (extras) => {
      return (await extras.call({ to, name, args }, options)) as Reply
    })

  readonly asHost: Room['asHost'] = (task) => {
    const duty: Duty = { task, run: null }
    this.#duties.add(duty)
    this.#extras.value?.reigned()
    this.#extras.begin()
    return () => {
      this.#duties.delete(duty)
      duty.run?.stop.abort()
    }
  }

  readonly transferHost = (to: PeerId, options: CallOptions = {}): Promise<void> =>
    this.#extras.use({ ...options, clock: this.#options.clock }, (extras) => {
      return extras.transferHost(to, options)
    })

  readonly update = (change: Partial<Self>): void => {
    if (this.#status === 'closed') throw new SkeinError('closed')
    checkSelf(change)
    this.#options.signaling.update(change)
  }

  readonly leave = async (): Promise<void> => {
    this.#options.signaling.close({ leave: true })
    this.#finish(null)
  };

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave()
  }

  /** For the signaling client. */
  get observer(): SignalingObserver {
    return {
      welcomed: (welcome) => this.#welcomed(welcome),
      received: (message) => this.#received(message),
      onlineChanged: (isOnline) => this.#setStatus(isOnline ? 'connected' : 'degraded'),
      closed: (error) => this.#finish(error),
    }
  }

  readonly #view = (): RoomView => ({ ...this.#roster, self: this.self.id })

  #welcomed(welcome: WelcomeMessage): void {
    const { self, peers } = this.#roster
    this.#links.setIceServers(welcome.iceServers)
    if (self.id !== welcome.self.id) {
      // To the others I am someone new: the links of the one that I was are dead.
      for (const id of peers.keys()) this.#extras.value?.gone(id)
      this.#links.closeAll()
    }
    this.#apply(applyWelcome(this.#roster, welcome), null)
  }

  readonly #received: SignalingObserver['received'] = (message) => {
    if (message.type === 'signal') this.#links.receive(message.from, message.data)
    else if (message.type === 'ice-servers') this.#links.setIceServers(message.iceServers)
    else if (message.type === 'error') this.#refused(message)
    else this.#apply(applyMessage(this.#roster, message), message)
  }

  #refused({ code, message, about }: ErrorMessage): void {
    // Calling a member that has just gone is daily life: the link heals or the member leaves.
    const isDaily = code === 'peer-unreachable' || code === 'peer-not-found'
    if (about === 'transfer-host') this.#extras.value?.refused(code)
    else if (about !== 'signal' || !isDaily) this.#failed(code, message)
  }

  #apply(roster: Roster, message: RoomMessage | null): void {
    if (this.#status === 'closed') return
    const changes = rosterChanges(this.#roster, roster)
    this.#roster = roster
    for (const change of changes) {
      if (change.type === 'joined') this.#unannounced.add(change.id)
      if (change.type === 'left') this.#extras.value?.gone(change.peer.id)
      if (change.type === 'host') this.#extras.value?.reigned()
    }
    this.#links.plan()
    for (const change of changes) this.#announce(change, message)
  }

  #announce(change: RosterChange, message: RoomMessage | null): void {
    const { emit } = this.#emitter
    const { host, isHost, term, epoch } = this
    if (change.type === 'left') {
      // When nobody saw it go, its time ran out for all that is known.
      const reason = message?.type === 'peer-left' ? message.reason : 'timeout'
      emit('peerleave', { peer: change.peer, reason })
    } else if (change.type === 'host') {
      const reason = message?.type === 'host' ? message.reason : null
      emit('hostchange', { previous: change.previous, host, isHost, term, epoch, reason })
    } else this.#announcePeer(change)
  }

  #announcePeer(change: Exclude<RosterChange, { type: 'left' | 'host' }>): void {
    const { emit } = this.#emitter
    const peer = change.id === this.self.id ? this.self : this.peers.get(change.id)
    this.#unannounced.delete(change.id)
    // A listener of an earlier change may have left the room.
    if (!peer || this.#status === 'closed') return
    if (change.type === 'joined') emit('peerjoin', { peer })
    else {
      if (peer.online && !change.previous.online) this.#links.probe(peer.id)
      emit('peerupdate', { peer, previous: change.previous })
    }
  }

  async #loadExtras(): Promise<Extras> {
    const { Extras } = await this.#options.loadExtras()
    return new Extras({
      ...this.#options,
      room: this,
      hub: this.#hub,
      view: this.#view,
      handlers: this.#handlers,
      duties: this.#duties,
      failed: (cause) => this.#failed('handler-failed', 'asHost', cause),
    })
  }

  #linkChanged(id: PeerId, link: LinkStatus | null): void {
    const previous = this.peers.get(id)?.link ?? null
    this.#roster = withLink(this.#roster, id, link)
    this.#options.signaling.setHasOpenLinks(this.#links.hasOpen)
    const peer = this.peers.get(id)
    if (!peer || this.#unannounced.has(id) || this.#status === 'closed') return
    this.#emitter.emit('linkchange', { peer, link, previous })
  }

  #setStatus(status: RoomStatus): void {
    const previous = this.#status
    if (previous === status || previous === 'closed') return
    this.#status = status
    this.#emitter.emit('statuschange', { status, previous })
  }

  #failed(code: SkeinError['code'], message: string, cause?: unknown): void {
    this.#emitter.emit('error', { error: new SkeinError(code, { message, cause }) })
  }

  #finish(error: SkeinErrorShape | null): void {
    if (this.#status === 'closed') return
    const previous = this.#status
    this.#status = 'closed'
    this.#unwatchPage()
    this.#extras.value?.close()
    this.#hub.close()
    this.#links.closeAll()
    if (error) this.#emitter.emit('error', { error })
    this.#emitter.emit('statuschange', { status: 'closed', previous })
    this.#resolveClosed(error)
  }
}
