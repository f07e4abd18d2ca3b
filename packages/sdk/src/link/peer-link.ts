import type { IceServer, Millis, SignalData } from '@skein/protocol'
import type { LinkStatus } from '../api.ts'
import { guarded } from '../base/emitter.ts'
import { createTimer, type RestartableTimer } from '../time/restartable-timer.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { rtcConfiguration } from './ice.ts'
import * as limits from './limits.ts'
import type {
  FrameChannel,
  FrameChannelOptions,
  LinkObserver,
  LinkOptions,
  PeerLink,
} from './link.ts'
import type { NegotiationMessage } from './negotiation.ts'
import { prepareConnection } from './prepared.ts'

export interface PeerLinkOptions extends LinkOptions {
  /** A call that was prepared, with no servers but those of `rtc`, for whoever asks first. */
  readonly takePrepared?: () => Connection | null
}

/** Opens by itself; `options.observer` hears how it goes. */
export const createPeerLink = (options: PeerLinkOptions): PeerLink => new Link(options)

/** To the room a link, and to its connection of the moment the owner. */
class Link implements PeerLink, ConnectionOwner {
  status: LinkStatus = { state: 'connecting', path: null, rttMs: null, reason: null }
  readonly #options: LinkOptions
  /** The next step of the ladder; of a link that is open, the next look at its path. */
  readonly #alarm: RestartableTimer
  #configuration: RTCConfiguration = {}
  #connection: Connection | null = null
  /** What the next connection will be, if it is made already. */
  #prepared: Connection | null = null
  /** The observer was told of it. */
  #main: FrameChannel | null = null
  #isClosed = false
  #wasOpen = false
  /**
   * How far up the ladder: 0 waits for ICE's own recovery, or for the other's call; 1 restarts ICE;
   * each new connection, whichever side began it, is a step more.
   */
  #step = 0
  /** Ids of the other's replaced connections: what still arrives of them is dropped. */
  #retired: readonly string[] = []
  /** When the other side brought about the latest replacements. */
  #callsAt: readonly Millis[] = []

  constructor(options: PeerLinkOptions) {
    const { isPolite, takePrepared, iceServers } = options
    this.#options = options
    this.setIceServers(iceServers)
    this.#alarm = createTimer(options.clock)
    this.#escalateAfter(limits.firstOfferMs)
    // With servers the call that was prepared would find too few candidates.
    if (isPolite) this.#prepared = (!iceServers.length && takePrepared?.()) || null
    else this.#prepared = prepareConnection({ ...options, configuration: this.#configuration })
    if (isPolite) this.#escalate()
  }

  receive({ link: { local, remote }, ...message }: SignalData): void {
    let connection = this.#connection
    const isStale = remote && remote !== connection?.local
    if (this.#isClosed || isStale || this.#retired.includes(local)) return
    const isTwin = !connection?.remote || connection.remote === local
    // One that cannot roll back answers my offer with another connection than it first had.
    const isAnswer = remote && !isAnswered(connection)
    if (!isTwin && !isAnswer) connection = null
    connection ??= this.#connectForOther()
    if (!connection) return
    connection.remote = local
    void connection.receive(message)
  }

  openFrameChannel(options: FrameChannelOptions): FrameChannel | null {
    return (this.#main?.isOpen && this.#connection?.carrier(options)) || null
  }

  setIceServers(iceServers: readonly IceServer[]): void {
    const connection = this.#connection ?? this.#prepared
    this.#configuration = rtcConfiguration(this.#options.rtc, iceServers)
    // Servers that the platform refuses do not end a link that is open.
    guarded(() => connection?.pc.setConfiguration(this.#configuration))
    if (this.status.path === 'relay') connection?.restart()
  }

  probe(): void {
    if (this.#isClosed) return
    if (this.#isOpen) this.#connection?.liveness.probe()
    // One that is being made has its time limit.
    else if (this.#main || !this.#connection) this.#escalate()
  }

  close(): void {
    const isToldSo = this.#connection?.send({ type: 'bye' })
    this.#drop(isToldSo ? limits.byeMs : 0)
    this.#prepared?.close()
    this.#alarm()
    this.#isClosed = true
  }

  signal(data: SignalData, isSent: boolean): void {
    if (!isSent || !this.#isOpen) this.#tell((observer) => observer.signal(data))
  }

  frame(label: string, frame: Uint8Array<ArrayBuffer>): void {
    this.#tell((observer) => observer.frame(label, frame))
  }

  stateChanged(state: RTCPeerConnectionState): void {
    const main = this.#connection?.main
    if (main?.isOpen && main !== this.#main) {
      this.#main = main
      this.#tell((observer) => observer.opened(main))
    }
    const isFailed = state === 'failed'
    if (state === 'connected') this.#recovered()
    else if (this.#isOpen && (isFailed || state === 'disconnected')) {
      this.#setState('repairing')
      this.#escalateAfter(limits.repairWaitMs)
    } else if (isFailed) this.#escalateAfter(0)
  }

  /**
   * Smoothed; told when it differs by what matters to people. Work and queues only ever add to a
   * round trip, most of all while a link opens: a shorter one is nearer the truth.
   */
  measured(sampleMs: Millis): void {
    const before = this.status.rttMs ?? 1e9
    const next = Math.max(0, Math.min(sampleMs, (before * 3 + sampleMs) / 4))
    if (Math.abs(next - before) > 1 + before / 10) {
      this.#setStatus({ rttMs: Math.round(next * 10) / 10 })
    }
  }

  left(): void {
    this.#fail('The peer closed the link.')
    // It wanted so: only its call, or a probe, opens the link again.
    this.#alarm()
  }

  /** Where a connection cannot roll back, a new one takes its place. */
  replace(offer: NegotiationMessage | null): void {
    const before = this.#connection
    const remote = before?.remote ?? null
    // The other's connection stays, and so does its id.
    if (before && offer) before.remote = null
    const connection = this.#connectForOther()
    if (offer && connection) {
      connection.remote = remote
      void connection.receive(offer)
    } else connection?.call()
  }

  get #isOpen(): boolean {
    return this.status.state === 'open'
  }

  /** A path that stands and a carrier that is open: whatever it was, it is over. */
  #recovered(): void {
    if (this.#isOpen || !this.#main?.isOpen) return
    this.#step = 0
    this.#wasOpen = true
    this.#setState('open')
    this.#watchPath(limits.firstStatsMs)
  }

  /** The next step of the ladder. */
  #escalate(): void {
    if (this.#step === 0 && this.#main?.isOpen && this.#connection?.restart()) {
      this.#step = 1
      this.#escalateAfter(limits.restartMs)
    } else if (this.#step < limits.lastStep) this.#connect()?.call()
    else this.#fail(this.#reason())
  }

  #reason(): string {
    if (this.#wasOpen) return 'The path to the peer was lost.'
    return isAnswered(this.#connection)
      ? 'No path to the peer was found: a TURN server may be needed.'
      : 'The peer did not answer.'
  }

  #fail(reason: string): void {
    this.#drop()
    // One try at a time.
    this.#step = limits.lastStep - 1
    this.#setState('failed', reason)
    this.#escalateAfter(limits.retryMs)
  }

  /** The polite side acts a little earlier: two repairs at once only collide. */
  #escalateAfter(delayMs: Millis): void {
    const deferMs = this.#options.isPolite ? 0 : limits.deferMs
    this.#alarm(delayMs + deferMs, () => this.#escalate())
  }

  /** As `#connect`, at the other's wish: which it may have so often, and no more. */
  #connectForOther(): Connection | null {
    const now = this.#options.clock.now()
    if (now - (this.#callsAt.at(-limits.calls) ?? -limits.callsMs) < limits.callsMs) return null
    this.#callsAt = [...this.#callsAt, now].slice(-limits.calls)
    return this.#connect()
  }

  /** A new connection in place of what there was. */
  #connect(): Connection | null {
    this.#drop()
    this.#step = Math.max(this.#step, 1) + 1
    this.#setState(this.#wasOpen ? 'repairing' : 'connecting')
    this.#escalateAfter(limits.connectMs)
    try {
      const configuration = this.#configuration
      this.#connection = this.#prepared ?? new Connection({ ...this.#options, configuration })
      this.#prepared = null
      this.#connection.belongTo(this)
    } catch (error) {
      this.#fail(String(error))
    }
    return this.#connection
  }

  #drop(delayMs: Millis = 0): void {
    const connection = this.#connection
    if (connection?.remote) this.#retired = [...this.#retired, connection.remote].slice(-16)
    connection?.close(delayMs)
    this.#connection = null
    if (this.#main) this.#tell((observer) => observer.interrupted())
    this.#main = null
  }

  #watchPath(delayMs: Millis): void {
    this.#alarm(delayMs, () => void this.#lookUpPath())
  }

  async #lookUpPath(): Promise<void> {
    this.#watchPath(limits.statsMs)
    const connection = this.#connection
    connection?.ping()
    const path = connection && (await this.#options.readPath(connection.pc))
    const isNews = connection === this.#connection && path !== this.status.path
    if (this.#isOpen && isNews) this.#setStatus({ path })
  }

  #setState(state: LinkStatus['state'], reason: string | null = null): void {
    if (state !== this.status.state) this.#setStatus({ state, path: null, reason })
  }

  #setStatus(change: Partial<LinkStatus>): void {
    const previous = this.status
    this.status = { ...previous, ...change }
    const { status } = this
    this.#tell((observer) => observer.statusChanged(status, previous))
  }

  /** In order, and never inside a call to the link. */
  #tell(task: (observer: LinkObserver) => void): void {
    queueMicrotask(() => {
      if (!this.#isClosed) task(this.#options.observer)
    })
  }
}

/** Whether a description of the other side was applied. */
const isAnswered = (connection: Connection | null): boolean =>
  Boolean(connection?.pc.remoteDescription?.sdp)
