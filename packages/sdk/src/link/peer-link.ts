import type { IceServer, Millis, SignalData } from '@skein/protocol'
import type { LinkStatus } from '../api.ts'
import { guarded } from '../base/emitter.ts'
import { createTimer, type RestartableTimer } from '../time/restartable-timer.ts'
import { Connection, type ConnectionOptions, type ConnectionOwner } from './connection.ts'
import * as limits from './limits.ts'
import type {
  FrameChannel,
  FrameChannelOptions,
  LinkObserver,
  LinkOptions,
  PeerLink,
} from './link.ts'
import type { NegotiationMessage } from './negotiation.ts'
import { preCreateConnection } from './pre-created.ts'

export interface PeerLinkOptions extends LinkOptions {
  /** Gives the connection whose offer was made with the servers of `rtc` alone, to the first caller. */
  readonly takePreCreated?: () => Connection | null
}

/** Creates a link, which opens by itself and reports to `options.observer`. */
export const createPeerLink = (options: PeerLinkOptions): PeerLink => new Link(options)

/** The room's link, and the owner of its current connection. */
class Link implements PeerLink, ConnectionOwner {
  status: LinkStatus = { state: 'connecting', path: null, rttMs: null, reason: null }
  readonly #options: LinkOptions
  /** Until the next repair step; on an open link, until the path is read next. */
  readonly #timer: RestartableTimer
  #configuration: RTCConfiguration = {}
  #connection: Connection | null = null
  /** The next connection, if it is created already. */
  #preCreated: Connection | null = null
  /** The main frame channel, once the observer has it. */
  #main: FrameChannel | null = null
  #isClosed = false
  #wasOpen = false
  /**
   * The repair step: 0 waits for ICE to recover, or for the other side's offer; 1 restarts ICE; each
   * new connection, whichever side began it, is one more.
   */
  #step = 0
  /** Ids of the other side's replaced connections, whose late signals are dropped. */
  #replacedIds: readonly string[] = []
  /** How many candidates and descriptions came from the other side since then, and their addresses. */
  #negotiation = 0
  readonly #addresses = new Set<string>()
  #negotiationAt: Millis = 0
  /** When the other side caused the latest replacements. */
  #replacedAt: readonly Millis[] = []

  constructor(options: PeerLinkOptions) {
    const { isPolite, takePreCreated, iceServers, clock } = options
    this.#options = options
    this.setIceServers(iceServers)
    this.#timer = createTimer(clock)
    this.#escalateAfter(limits.firstOfferMs)
    // The pre-created offer lacks the candidates that these servers would give.
    if (isPolite) this.#preCreated = (!iceServers.length && takePreCreated?.()) || null
    else this.#preCreated = preCreateConnection(this.#connectionOptions)
    if (isPolite) this.#escalate()
  }

  receive({ link: { local, remote }, ...message }: SignalData): void {
    let connection = this.#connection
    const isStale = remote && remote !== connection?.local
    if (this.#isClosed || isStale || this.#replacedIds.includes(local)) return
    const isKnown = !connection?.remote || connection.remote === local
    // A peer that cannot roll back answers with another connection than it had first.
    const isAnswer = remote && !isAnswered(connection)
    if (!isKnown && !isAnswer) connection = null
    connection ??= this.#replaceForPeer()
    if (!connection) return
    connection.remote = local
    void connection.receive(message)
  }

  openFrameChannel(options: FrameChannelOptions): FrameChannel | null {
    return (this.#main?.isOpen && this.#connection?.openFrameChannel(options)) || null
  }

  /** The application's servers come first. */
  setIceServers(iceServers: readonly IceServer[]): void {
    const connection = this.#connection ?? this.#preCreated
    const { rtc } = this.#options
    // `Object.assign` accepts readonly lists, which the platform's types do not.
    const servers = { iceServers: [...(rtc.iceServers ?? []), ...iceServers] }
    this.#configuration = Object.assign({}, rtc, servers)
    // Servers that the platform refuses do not end an open link.
    guarded(() => connection?.pc.setConfiguration(this.#configuration))
    if (this.status.path === 'relay') connection?.restartIce()
  }

  probe(): void {
    if (this.#isClosed) return
    if (this.#isOpen) this.#connection?.probe()
    // A connection that is still opening has its own time limit.
    else if (this.#main || !this.#connection) this.#escalate()
  }

  close(): void {
    const isByeSent = this.#connection?.send({ type: 'bye' })
    this.#drop(isByeSent ? limits.byeMs : 0)
    this.#preCreated?.close()
    this.#timer()
    this.#isClosed = true
  }

  signal(data: SignalData, isSent: boolean): void {
    if (!isSent || !this.#isOpen) this.#notify((observer) => observer.signal(data))
  }

  frame(label: string, frame: Uint8Array<ArrayBuffer>): void {
    this.#notify((observer) => observer.frame(label, frame))
  }

  stateChanged(state: RTCPeerConnectionState): void {
    const main = this.#connection?.main
    if (main?.isOpen && main !== this.#main) {
      this.#main = main
      this.#notify((observer) => observer.opened(main))
    }
    const isFailed = state === 'failed'
    if (state === 'connected') this.#recovered()
    else if (this.#isOpen && (isFailed || state === 'disconnected')) {
      this.#setState('repairing')
      this.#escalateAfter(limits.repairWaitMs)
    } else if (isFailed) this.#escalateAfter(0)
  }

  allows(addresses: readonly string[]): boolean {
    const now = this.#options.clock.now()
    if (now - this.#negotiationAt >= limits.negotiationMs) {
      this.#negotiationAt = now
      this.#negotiation = 0
      this.#addresses.clear()
    }
    this.#negotiation += 1
    for (const address of addresses) this.#addresses.add(address)
    const hasFewAddresses = this.#addresses.size <= limits.maxAddresses
    return this.#negotiation <= limits.maxNegotiation && hasFewAddresses
  }

  /**
   * Smooths the round trip, and reports it when it differs noticeably. Load and queues only ever
   * lengthen a round trip, most of all while a link opens: a shorter sample replaces the average.
   */
  measured(sampleMs: Millis): void {
    const before = this.status.rttMs ?? 1e9
    const next = Math.max(0, Math.min(sampleMs, (before * 3 + sampleMs) / 4))
    if (Math.abs(next - before) > 1 + before / 10) {
      this.#setStatus({ rttMs: Math.round(next * 10) / 10 })
    }
  }

  closedByPeer(): void {
    this.#fail('The peer closed the link.')
    // No retry: only an offer of the peer, or a probe, opens the link again.
    this.#timer()
  }

  /** Replaces a connection that cannot roll back, or cannot restart ICE. */
  replace(offer: NegotiationMessage | null): void {
    const previous = this.#connection
    const remote = previous?.remote ?? null
    // The other side keeps its connection, so its id must not count as replaced.
    if (previous && offer) previous.remote = null
    const connection = this.#replaceForPeer()
    if (offer && connection) {
      connection.remote = remote
      void connection.receive(offer)
    } else connection?.start()
  }

  /** The servers may have changed since the last connection. */
  get #connectionOptions(): ConnectionOptions {
    const { RTCPeerConnection, isPolite, clock, random } = this.#options
    return { RTCPeerConnection, isPolite, clock, random, configuration: this.#configuration }
  }

  get #isOpen(): boolean {
    return this.status.state === 'open'
  }

  /** The path works. With an open main channel this ends any repair. */
  #recovered(): void {
    if (this.#isOpen || !this.#main?.isOpen) return
    this.#step = 0
    this.#wasOpen = true
    this.#setState('open')
    this.#readPathAfter(limits.firstStatsMs)
  }

  /** Takes the next repair step. */
  #escalate(): void {
    if (this.#step === 0 && this.#main?.isOpen && this.#connection?.restartIce()) {
      this.#step = 1
      this.#escalateAfter(limits.restartMs)
    } else if (this.#step < limits.lastStep) this.#replaceConnection()?.start()
    else this.#fail(this.#failureReason())
  }

  #failureReason(): string {
    if (this.#wasOpen) return 'The path to the peer was lost.'
    return isAnswered(this.#connection)
      ? 'No path to the peer: a TURN server may be needed.'
      : 'The peer did not answer.'
  }

  #fail(reason: string): void {
    this.#drop()
    // The next retry makes one attempt.
    this.#step = limits.lastStep - 1
    this.#setState('failed', reason)
    this.#escalateAfter(limits.retryMs)
  }

  /** The polite side acts a little earlier: two repairs at once would collide. */
  #escalateAfter(delayMs: Millis): void {
    const deferMs = this.#options.isPolite ? 0 : limits.deferMs
    this.#timer(delayMs + deferMs, () => this.#escalate())
  }

  /** As `#replaceConnection`, at the other side's request; `null` if it has asked too often. */
  #replaceForPeer(): Connection | null {
    const now = this.#options.clock.now()
    const oldest = this.#replacedAt.at(-limits.replacements) ?? -limits.replacementsMs
    if (now - oldest < limits.replacementsMs) return null
    this.#replacedAt = [...this.#replacedAt, now].slice(-limits.replacements)
    return this.#replaceConnection()
  }

  #replaceConnection(): Connection | null {
    this.#drop()
    this.#step = Math.max(this.#step, 1) + 1
    this.#setState(this.#wasOpen ? 'repairing' : 'connecting')
    this.#escalateAfter(limits.connectMs)
    try {
      this.#connection = this.#preCreated ?? new Connection(this.#connectionOptions)
      this.#preCreated = null
      this.#connection.setOwner(this)
    } catch (error) {
      this.#fail(String(error))
    }
    return this.#connection
  }

  #drop(delayMs: Millis = 0): void {
    const connection = this.#connection
    if (connection?.remote) {
      this.#replacedIds = [...this.#replacedIds, connection.remote].slice(-16)
    }
    connection?.close(delayMs)
    this.#connection = null
    if (this.#main) this.#notify((observer) => observer.interrupted())
    this.#main = null
  }

  #readPathAfter(delayMs: Millis): void {
    this.#timer(delayMs, () => void this.#readPath())
  }

  async #readPath(): Promise<void> {
    this.#readPathAfter(limits.statsMs)
    const connection = this.#connection
    connection?.ping()
    const path = connection && (await this.#options.readPath(connection.pc))
    const hasChanged = connection === this.#connection && path !== this.status.path
    if (this.#isOpen && hasChanged) this.#setStatus({ path })
  }

  #setState(state: LinkStatus['state'], reason: string | null = null): void {
    if (state !== this.status.state) this.#setStatus({ state, path: null, reason })
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

/** Whether a description of the other side was applied. */
const isAnswered = (connection: Connection | null): boolean =>
  Boolean(connection?.pc.remoteDescription?.sdp)
