import type { ErrorMessage, PeerId, WelcomeMessage } from '@skein/protocol'
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
import type { SignalingClient, SignalingObserver } from '../signaling/signaling.ts'
import { createSignalingClient } from '../signaling/signaling-client.ts'
import type { Clock } from '../time/clock.ts'
import { checkLabel } from '../transport/label.ts'
import type { LazyFeatures } from './lazy-features.ts'
import { createLinks, type Links } from './links.ts'
import { type LoadedLater, loadedLater } from './loaded-later.ts'
import { checkSelf, type Self, type Settings } from './options.ts'
import { watchPage } from './page.ts'
import type { Registered } from './registered.ts'
import {
  type Cause,
  emitChanges,
  emptyRoster,
  nextRoster,
  type Roster,
  snapshot,
} from './roster.ts'

export interface RoomOptions extends Settings {
  readonly clock: Clock
  readonly random: () => number
  /** Fetches what a chat does not need. */
  readonly loadLazyFeatures: () => Promise<{ readonly LazyFeatures: typeof LazyFeatures }>
}

/** A room, from before it is joined. Those who are given it see a `Room`, nothing of the rest. */
export class LiveRoom implements Room {
  readonly name: string
  readonly closed: Promise<SkeinErrorShape | null>
  readonly #emitter = createEmitter<RoomEvents>()
  readonly on: On<RoomEvents> = this.#emitter.on
  readonly #signaling: SignalingClient
  readonly #mux: ChannelMux
  readonly #links: Links
  readonly #registered = new Set<Registered>()
  readonly #lazy: LoadedLater<LazyFeatures>
  readonly #unwatchPage: () => void
  #resolveClosed: (error: SkeinErrorShape | null) => void = () => {}
  #roster: Roster = emptyRoster
  /** The roster as events have told of it. */
  #announced = emptyRoster
  #status: RoomStatus = 'connecting'

  constructor(options: RoomOptions) {
    this.name = options.room
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    const view = () => this.#roster
    const signaling = createSignalingClient({
      ...options,
      observer: {
        welcomed: (welcome) => this.#welcomed(welcome),
        received: (message) => this.#received(message),
        onlineChanged: (isOnline) => this.#become(isOnline ? 'connected' : 'degraded'),
        closed: (error) => this.#become('closed', error),
      },
    })
    const mux = new ChannelMux({
      ...options,
      view,
      error: this.#failed,
      wanted: (peer, isWanted) => links.wanted(peer, isWanted),
      toHost: (...args) => this.#lazy.use(args[2], (features) => features.toHost(...args)),
      undelivered: (id, channel, count) => {
        const peer = this.peers.get(id)
        // After the turn in which it is told who is gone.
        if (peer) queueMicrotask(() => this.#emit('undelivered', { peer, channel, count }))
      },
    })
    const parts = {
      ...options,
      signaling,
      mux,
      view,
      changed: () => this.#settle(),
      failed: this.#failed,
      unreliableChannels: (...args: Parameters<LazyFeatures['unreliableChannels']>) =>
        this.#lazy.loaded?.unreliableChannels(...args) ?? null,
      readPath: (connection: RTCPeerConnection) =>
        this.#lazy.use({}, (features) => features.readPath(connection)).catch(() => null),
    }
    const links = createLinks(parts)
    this.#signaling = signaling
    this.#mux = mux
    this.#links = links
    this.#lazy = loadedLater(options.clock, async () => {
      const { LazyFeatures } = await options.loadLazyFeatures()
      return new LazyFeatures({ ...parts, room: this, registered: this.#registered, links })
    })
    this.#unwatchPage = watchPage({
      probe: () => {
        signaling.probe()
        links.probe()
      },
      leave: this.leave,
    })
  }

  get self(): Peer {
    return this.#announced.me
  }
  get peers(): ReadonlyMap<PeerId, Peer> {
    return this.#announced.peers
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
    const channel = this.#mux.channel(label, options)
    // Its messages go by a carrier of their own once the code for that is there.
    if (channel.frameChannel) this.#lazy.useIfLoaded(() => {})
    // What peers send is what the application says it is: it is the one that knows.
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

  readonly update = (change: Partial<Self>): void => {
    if (this.#status === 'closed') throw new SkeinError('closed')
    checkSelf(change)
    this.#signaling.update(change)
  }

  readonly leave = async (): Promise<void> => {
    this.#signaling.close({ leave: true })
    this.#become('closed')
  };

  [Symbol.asyncDispose](): Promise<void> {
    return this.leave()
  }

  #welcomed(welcome: WelcomeMessage): void {
    const { self } = this.#roster
    if (self && self !== welcome.self.id) {
      // To the others I am someone new: the links of the one that I was are dead.
      this.#links.closeAll()
      this.#emitChanges()
    }
    this.#learn(welcome)
  }

  #received(message: Parameters<SignalingObserver['received']>[0]): void {
    if (message.type === 'signal') this.#links.receive(message.from, message.data)
    else if (message.type === 'error') this.#refused(message)
    else this.#learn(message)
  }

  #refused({ code, message, about }: ErrorMessage): void {
    // Calling a member that has just gone is daily life: the link heals or the member leaves.
    if (about === 'signal' && code.startsWith('peer-')) return
    if (about === 'transfer-host' || about === 'kick') {
      this.#lazy.useIfLoaded((features) => features.refused(about, code))
    } else this.#failed(new SkeinError(code, { message }))
  }

  #learn(message: Cause): void {
    this.#roster = nextRoster(this.#roster, message)
    if ('iceServers' in message) this.#links.setIceServers(message.iceServers)
    this.#settle()
  }

  #register(entry: Registered): () => void {
    const changed = () => this.#lazy.useIfLoaded((features) => features.changed())
    this.#registered.add(entry)
    changed()
    return () => {
      this.#registered.delete(entry)
      changed()
    }
  }

  /** Lets the links follow the roster, then tells what has become of it. */
  #settle(): void {
    if (this.#status === 'closed') return
    this.#links.plan()
    this.#emitChanges()
  }

  #emitChanges(): void {
    const before = this.#announced
    const after = snapshot(this.#roster, before, this.#links.statusOf)
    this.#announced = after
    this.#signaling.setHasOpenLinks([...after.peers.values()].some(isOpen))
    emitChanges(before, after, this.#emit)
  }

  readonly #failed = (error: SkeinErrorShape): void => this.#emitter.emit('error', { error })

  readonly #emit: Emitter<RoomEvents>['emit'] = (name, event) => {
    // A listener may have left the room.
    if (this.#status !== 'closed') this.#emitter.emit(name, event)
  }

  #become(status: RoomStatus, error: SkeinErrorShape | null = null): void {
    const previous = this.#status
    if (previous === status || previous === 'closed') return
    this.#status = status
    if (status === 'closed') {
      this.#unwatchPage()
      this.#mux.close()
      this.#links.closeAll()
      this.#emitChanges()
      this.#resolveClosed(error)
    }
    if (error) this.#failed(error)
    this.#emitter.emit('statuschange', { status, previous })
  }
}

const isOpen = ({ link }: Peer): boolean => link?.state === 'open' || link?.state === 'repairing'
