import type { IceServer, Millis, SignalData } from '@skein/protocol'
import type { LinkStatus } from '../api.ts'
import { guarded } from '../base/emitter.ts'
import { createTimer, type RestartableTimer } from '../time/restartable-timer.ts'
import type { AttemptKind, LadderActions } from './attempt.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import { Ladder, noPath } from './ladder.ts'
import * as limits from './limits.ts'
import {
  type ConnectionOwner,
  type FrameChannel,
  type FrameChannelOptions,
  type LinkConnection,
  type LinkEvent,
  type LinkNote,
  type LinkObserver,
  type LinkOptions,
  mainLabel,
  type PeerLink,
} from './link.ts'
import { NegotiationBudget } from './negotiation-budget.ts'
import { preCreateConnection } from './pre-created.ts'
import { smoothRtt } from './smooth-rtt.ts'

export interface PeerLinkOptions extends LinkOptions {
  /** Gives the connection whose offer was made with the servers of `rtc` alone, to the first caller. */
  readonly takePreCreated?: () => Connection | null
}

/** Creates a link, which opens by itself and reports to `options.observer`. */
export const createPeerLink = (options: PeerLinkOptions): PeerLink => new Link(options)

/** The room's link, and the owner of its connections. The ladder decides, this carries it out. */
class Link implements PeerLink, ConnectionOwner, LadderActions<LinkConnection> {
  status: LinkStatus = { state: 'connecting', path: null, via: null, rttMs: null, reason: null }
  readonly #options: PeerLinkOptions
  readonly #ladder: Ladder<LinkConnection>
  readonly connections: Set<LinkConnection> = new Set()
  history: readonly LinkNote[] = []
  /** For the ladder. */
  readonly #timer: RestartableTimer
  /** When the timer is due. */
  #timerAt = Infinity
  readonly #pathTimer: RestartableTimer
  #configuration: RTCConfiguration = {}
  /** The next connection, if it is created already. */
  #preCreated: Connection | null = null
  #isClosed = false
  /** It has failed before it was ever open, but may open when the user allows it. */
  #heldBack: LinkConnection | null = null
  /** The observer has no main frame channel. */
  #isInterrupted = true
  /** Ids of the other side's connections that are gone, whose late signals are dropped. */
  #gone: readonly string[] = []
  /** When the other side caused the latest new connections. */
  #answeredAt: readonly Millis[] = []
  readonly #budget = new NegotiationBudget()

  constructor(options: PeerLinkOptions) {
    const { isPolite, iceServers, clock, random } = options
    this.#options = options
    this.#timer = createTimer(clock)
    this.#pathTimer = createTimer(clock)
    this.#ladder = new Ladder({ actions: this, isPolite, random, now: clock.now() })
    this.#configure(iceServers)
    // The pre-created offer lacks the candidates that these servers would give.
    if (isPolite) this.#preCreated = (!iceServers.length && options.takePreCreated?.()) || null
    else this.#preCreated = preCreateConnection(this.#connectionOptions)
    this.#tick()
  }

  get brokenSince(): Millis | null {
    return this.#ladder.brokenSince
  }

  get isBusy(): boolean {
    return this.#ladder.isBusy(this.#options.clock.now())
  }

  get attempts(): number {
    const { chosen } = this
    const others = [...this.connections].filter((each) => each !== chosen)
    return others.filter(({ pc }) => pc && pc.connectionState !== 'failed').length
  }

  get chosen(): LinkConnection | null {
    return this.#ladder.chosen
  }

  receive({ link: { local, remote }, ...message }: SignalData): void {
    if (this.#isClosed || this.#gone.includes(local)) return
    const known = [...this.connections].find((each) =>
      remote === null ? each.remote === local : each.local === remote,
    )
    // Of a connection that is gone, or one that another connection of the peer has answered.
    const isStale = known ? known.remote && known.remote !== local : remote !== null
    const connection = isStale ? null : (known ?? this.#answer())
    if (!connection) return
    connection.remote = local
    void connection.receive(message)
  }

  openFrameChannel(options: FrameChannelOptions): FrameChannel | null {
    const { chosen } = this.#ladder
    return (
      (chosen?.isOpen && this.status.state === 'open' && chosen.openFrameChannel(options)) || null
    )
  }

  setIceServers(iceServers: readonly IceServer[]): void {
    const before = JSON.stringify(this.#configuration)
    this.#configure(iceServers)
    if (JSON.stringify(this.#configuration) === before) return
    for (const connection of [...this.connections, this.#preCreated]) {
      // Servers that the platform refuses do not end an open link.
      guarded(() => connection?.pc?.setConfiguration(this.#configuration))
    }
    if (this.status.path === 'relay') this.#ladder.chosen?.restartIce()
    this.retry()
  }

  setHidden(isHidden: boolean): void {
    this.#tell((ladder, now) => ladder.setHidden(isHidden, now))
  }

  probe(): void {
    this.#tell((ladder, now) => ladder.probe(now))
  }

  networkChanged(): void {
    this.#tell((ladder, now) => ladder.networkChanged(now))
  }

  retry(): void {
    if (this.status.via && this.canCall()) this.#create({ isUpgrade: true })?.start()
    this.#tell((ladder, now) => ladder.news(now))
  }

  peerIsBack(): void {
    this.#tell((ladder, now) => ladder.peerIsBack(now))
  }

  adopt(connection: LinkConnection): boolean {
    if (!this.#isClosed) this.#add(connection, {})
    return !this.#isClosed
  }

  explain(reason: string): void {
    this.#setStatus({ reason })
  }

  close(): void {
    const isByeSent = this.#ladder.chosen?.send({ type: 'bye' })
    for (const connection of this.connections) connection.close(isByeSent ? limits.byeMs : 0)
    this.connections.clear()
    this.#preCreated?.close()
    this.#timer()
    this.#pathTimer()
    this.#isClosed = true
  }

  // What connections report.

  signal(data: SignalData, isSent: boolean): void {
    if (!isSent || this.brokenSince !== null) this.#notify((observer) => observer.signal(data))
  }

  opened(connection: LinkConnection): void {
    this.#tell((ladder, now) => ladder.opened(connection, now))
  }

  heard(connection: LinkConnection): void {
    this.#tell((ladder, now) => ladder.heard(connection, now))
  }

  sent(connection: LinkConnection): void {
    if (connection === this.#ladder.chosen) this.#tell((ladder, now) => ladder.sent(now))
  }

  frame(connection: LinkConnection, label: string, frame: Uint8Array<ArrayBuffer>): void {
    if (label !== mainLabel || connection === this.#ladder.chosen) this.#passOn(label, frame)
    // The other side is ahead with its choice. It says nothing more before it hears from this one.
    else connection.early ??= frame
    this.#tell((ladder, now) => ladder.received(now))
  }

  used(connection: LinkConnection, use: number): void {
    this.#tell((ladder, now) => ladder.used(connection, use, now))
  }

  ended(connection: LinkConnection): void {
    const { isHeldBack } = this.#options
    const hasFailed = () => !connection.isOpen && connection.pc?.connectionState === 'failed'
    if (!(isHeldBack && hasFailed())) this.#ended(connection)
    else {
      void isHeldBack().then((isHeld) => {
        if (!isHeld) this.#ended(connection)
        else if (hasFailed()) this.#holdBack(connection)
      })
    }
    this.#notify((observer) => observer.attemptEnded())
  }

  pathChanged(connection: LinkConnection): void {
    if (connection !== this.#ladder.chosen) return
    void this.#readPath()
    this.networkChanged()
  }

  closedByPeer(): void {
    this.#tell((ladder, now) => ladder.closedByPeer(now))
  }

  /** A Node peer cannot restart ICE: a new connection takes the place of the one in use. */
  replace(): void {
    this.#create({ isUpgrade: true })?.start()
  }

  measured(connection: LinkConnection, sampleMs: Millis): void {
    if (connection !== this.#ladder.chosen) return
    this.#ladder.measured(sampleMs)
    const rttMs = smoothRtt(this.status.rttMs, sampleMs)
    if (rttMs !== null) this.#setStatus({ rttMs })
  }

  allows(addresses: readonly string[]): boolean {
    return this.#budget.allows(addresses, this.#options.clock.now())
  }

  // What the ladder wants done.

  canCall(): boolean {
    return this.#options.mayCall(this)
  }

  call(): void {
    this.#create({})?.start()
  }

  choose(connection: LinkConnection, use: number): void {
    const { main, early, via } = connection
    if (!main) return
    // The other side has to follow, also if nothing is wrong in its view.
    connection.send({ type: 'use', id: use })
    this.interrupt()
    if (use > 1) this.note('replaced')
    if (via) this.note('via')
    const isNewPath = this.status.state === 'open' && this.status.via !== via
    if (isNewPath) this.#setStatus({ path: via ? 'via' : null, via })
    this.#isInterrupted = false
    this.#notify((observer) => observer.opened(main))
    if (early) this.#passOn(mainLabel, early)
    connection.early = null
    // A room that is just forming needs the browser for itself.
    this.#readPathAfter(use > 1 ? 0 : limits.firstStatsMs)
  }

  interrupt(): void {
    if (!this.#isInterrupted) this.#notify((observer) => observer.interrupted())
    this.#isInterrupted = true
  }

  drop(connection: LinkConnection): void {
    this.connections.delete(connection)
    if (connection.remote) this.#gone = [...this.#gone, connection.remote].slice(-limits.maxGone)
    connection.close()
  }

  ping(connection: LinkConnection): void {
    connection.ping()
  }

  checkServer(): void {
    this.#options.server.check()
  }

  renewServer(): void {
    this.#options.server.renew()
  }

  setState(state: LinkStatus['state'], reason: string | null): void {
    const via = (state === 'open' && this.chosen?.via) || null
    this.note(state, reason)
    this.#setStatus({ state, path: via ? 'via' : null, via, reason })
  }

  note(event: LinkEvent, reason: string | null = null): void {
    const note = { at: this.#options.clock.now(), event, reason }
    this.history = [...this.history, note].slice(-limits.maxHistory)
    this.#options.onNote?.(note)
  }

  /** The servers may have changed since the last connection. */
  get #connectionOptions(): ConnectionOptions {
    const { RTCPeerConnection, isPolite, clock, random } = this.#options
    return { RTCPeerConnection, isPolite, clock, random, configuration: this.#configuration }
  }

  /** The application's servers come first. */
  #configure(iceServers: readonly IceServer[]): void {
    const { rtc } = this.#options
    // `Object.assign` accepts readonly lists, which the platform's types do not.
    const servers = { iceServers: [...(rtc.iceServers ?? []), ...iceServers] }
    this.#configuration = Object.assign({}, rtc, servers)
  }

  #ended(connection: LinkConnection): void {
    this.#tell((ladder, now) => ladder.ended(connection, now))
  }

  /** One at a time: the newest. */
  #holdBack(connection: LinkConnection): void {
    const before = this.#heldBack
    this.#heldBack = connection
    if (before && before !== connection && !before.isOpen) this.#ended(before)
    const isFirst = this.status.state === 'connecting' && connection.isAnswered
    if (isFirst) this.#tell((ladder, now) => ladder.refused(noPath, now))
  }

  /** A connection at the other side's request; `null` if it has asked too often. */
  #answer(): Connection | null {
    const now = this.#options.clock.now()
    const oldest = this.#answeredAt.at(-limits.maxAnswers) ?? -limits.answersMs
    if (now - oldest < limits.answersMs) return null
    this.#answeredAt = [...this.#answeredAt, now].slice(-limits.maxAnswers)
    return this.#create({ isOffered: true })
  }

  #create(kind: AttemptKind): Connection | null {
    try {
      const connection = this.#preCreated ?? new Connection(this.#connectionOptions)
      this.#preCreated = null
      this.#add(connection, kind)
      return connection
    } catch (error) {
      this.#tell((ladder, now) => ladder.refused(String(error), now))
      return null
    }
  }

  #add(connection: LinkConnection, kind: AttemptKind): void {
    this.connections.add(connection)
    connection.setOwner(this)
    this.#tell((ladder, now) => ladder.added(connection, kind, now))
  }

  #passOn(label: string, frame: Uint8Array<ArrayBuffer>): void {
    this.#notify((observer) => observer.frame(label, frame))
  }

  #readPathAfter(delayMs: Millis): void {
    this.#pathTimer(delayMs, () => void this.#readPath())
  }

  async #readPath(): Promise<void> {
    this.#readPathAfter(limits.statsMs)
    const { chosen } = this.#ladder
    chosen?.ping()
    const path = chosen && (chosen.pc ? await this.#options.readPath(chosen.pc) : 'via')
    const isCurrent = chosen === this.#ladder.chosen && this.status.state === 'open'
    if (!isCurrent || path === this.status.path) return
    if (path) this.note(path)
    this.#setStatus({ path })
  }

  #tick(): void {
    this.#timerAt = Infinity
    const { chosen } = this.#ladder
    this.#tell((ladder, now) => {
      if (chosen?.hasDrained()) ladder.heard(chosen, now)
      ladder.tick(now)
    })
  }

  /** Tells the ladder something, then sets the timer for when it has to be called next. */
  #tell(task: (ladder: Ladder<LinkConnection>, now: Millis) => void): void {
    if (this.#isClosed) return
    const { clock } = this.#options
    task(this.#ladder, clock.now())
    const { nextAt } = this.#ladder
    // A timer that fires too early does no harm: most that is heard only makes the next one later.
    if (nextAt >= this.#timerAt) return
    this.#timerAt = nextAt
    this.#timer(nextAt - clock.now(), () => this.#tick())
  }

  #setStatus(change: Partial<LinkStatus>): void {
    const previous = this.status
    this.status = { ...previous, ...change }
    const { status } = this
    this.#notify((observer) => observer.statusChanged(status, previous))
  }

  /** Calls the observer in order, and never inside a call to the link. */
  #notify(task: (observer: LinkObserver) => void): void {
    queueMicrotask(() => {
      if (!this.#isClosed) task(this.#options.observer)
    })
  }
}
