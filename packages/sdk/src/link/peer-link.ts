import type { IceServer, Millis, SignalData } from '@skein/protocol'
import type { LinkStatus } from '../api.ts'
import { guarded } from '../emitter.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { rtcConfiguration } from './ice.ts'
import * as limits from './limits.ts'
import type { Carrier, CarrierOptions, LinkOptions, PeerLink } from './link.ts'
import type { NegotiationMessage } from './negotiation.ts'
import { readPath } from './stats.ts'

/** Opens by itself; `options.observer` hears how it goes. */
export const createPeerLink = (options: LinkOptions): PeerLink => new Link(options)

/**
 * The ladder: `idle` is healthy, `waiting` for ICE's own recovery or for the other's call,
 * `restarting` ICE, `replacing` the connection, `failed` for now.
 */
type Step = 'idle' | 'waiting' | 'restarting' | 'replacing' | 'failed'

/** To the room a link, and to its connection of the moment the owner. */
class Link implements PeerLink, ConnectionOwner {
  status: LinkStatus = { state: 'connecting', path: null, rttMs: null, reason: null }
  readonly #options: LinkOptions
  #iceServers: readonly IceServer[]
  #step: Step = 'waiting'
  #connection: Connection | null = null
  /** The observer was told of it. */
  #main: Carrier | null = null
  #wasOpened = false
  #isClosed = false
  /** In a row, whichever side began. */
  #replacements = 0
  #cancelStep = () => {}
  #cancelPath = () => {}
  /** Ids of the other's replaced connections: what still arrives of them is dropped. */
  #retired: readonly string[] = []
  /** When the other side brought about the latest replacements. */
  #callsAt: readonly Millis[] = []

  constructor(options: LinkOptions) {
    this.#options = options
    this.#iceServers = options.iceServers
    this.#arm(limits.firstOfferMs)
    if (options.isPolite) this.#tell(() => this.#connection ?? this.#escalate())
  }

  receive({ link: { local, remote }, ...message }: SignalData): void {
    const isStale = remote !== null && remote !== this.#connection?.local
    if (this.#isClosed || isStale || this.#retired.includes(local)) return
    const connection = this.#connectionFor(local, remote) ?? this.#connectForOther()
    if (!connection) return
    connection.remote = local
    connection.receive(message)
  }

  carrier(options: CarrierOptions): Carrier | null {
    return (this.#main?.isOpen && this.#connection?.carrier(options)) || null
  }

  setIceServers(iceServers: readonly IceServer[]): void {
    this.#iceServers = iceServers
    const connection = this.#connection
    if (!connection) return
    // Servers that the platform refuses do not end a link that is open.
    guarded(() => connection.peerConnection.setConfiguration(this.#configuration))
    if (this.status.path === 'relay') connection.restart()
  }

  probe(): void {
    if (this.#isClosed) return
    if (this.#step === 'idle') this.#connection?.probe()
    else if (this.#step !== 'replacing') this.#escalate()
  }

  close(): void {
    const isToldSo = this.#connection?.send({ type: 'bye' })
    this.#drop(isToldSo ? limits.byeMs : 0)
    this.#isClosed = true
  }

  signal(data: SignalData): void {
    this.#tell(() => this.#options.observer.signal(data))
  }

  frame(label: string, frame: Uint8Array<ArrayBuffer>): void {
    this.#tell(() => this.#options.observer.frame(label, frame))
  }

  isHealthy(): boolean {
    return this.#step === 'idle'
  }

  opened(main: Carrier): void {
    this.#main = main
    this.#wasOpened = true
    this.#tell(() => this.#options.observer.opened(main))
    this.heard()
  }

  /** A path that stands and a carrier that is open: whatever it was, it is over. */
  heard(): void {
    if (this.#step === 'idle' || !this.#main?.isOpen) return
    this.#step = 'idle'
    this.#replacements = 0
    this.#cancelStep()
    this.#setStatus({ state: 'open' })
    void this.#watchPath()
  }

  stateChanged(state: RTCPeerConnectionState): void {
    const isFailed = state === 'failed'
    if (this.#step === 'idle' && (isFailed || state === 'disconnected')) {
      this.#step = 'waiting'
      this.#setStatus({ state: 'repairing', path: null })
      this.#arm(limits.repairWaitMs)
    } else if (isFailed && this.#step !== 'idle') this.#arm(0)
  }

  /**
   * Smoothed; told when it differs by what matters to people. Work and queues only ever add to a
   * round trip, most of all while a link opens: a shorter one is nearer the truth.
   */
  measured(sampleMs: Millis): void {
    const before = this.status.rttMs
    const sample = Math.max(0, sampleMs)
    const weight = sample < (before ?? 0) ? 0.75 : 0.25
    const next = before === null ? sample : before + (sample - before) * weight
    if (before === null || Math.abs(next - before) > 1 + before / 10) {
      this.#setStatus({ rttMs: Math.round(next * 10) / 10 })
    }
  }

  left(): void {
    this.#fail('The peer closed the link.')
    // It wanted so: only its call, or a probe, opens the link again.
    this.#cancelStep()
  }

  /** Where a connection cannot roll back, a new one takes its place. */
  replace(offer: NegotiationMessage | null): void {
    const remote = this.#connection?.remote ?? null
    const connection = this.#connectForOther()
    if (offer && connection) {
      // The other's connection stays, and so does its id.
      this.#retired = this.#retired.filter((id) => id !== remote)
      connection.remote = remote
      connection.receive(offer)
    } else connection?.offer()
  }

  get #configuration(): RTCConfiguration {
    return rtcConfiguration(this.#options.rtc, this.#iceServers)
  }

  /** The next step of the ladder. */
  #escalate(): void {
    // A failed link gets one try at a time.
    if (this.#step === 'failed') this.#replacements = limits.replacements - 1
    if (this.#step === 'waiting' && this.#main?.isOpen && this.#connection?.restart()) {
      this.#step = 'restarting'
      this.#arm(limits.restartMs)
    } else if (this.#replacements < limits.replacements) this.#connect()?.offer()
    else this.#fail(this.#reason())
  }

  #reason(): string {
    if (this.#wasOpened) return 'The path to the peer was lost and could not be repaired.'
    return this.#connection?.isAnswered
      ? 'No path between the two networks was found: a relay (TURN server) may be needed.'
      : 'The peer did not answer.'
  }

  #fail(reason: string): void {
    this.#step = 'failed'
    this.#drop()
    this.#setStatus({ state: 'failed', path: null, reason })
    this.#arm(limits.retryMs)
  }

  /** The polite side acts a little earlier: two repairs at once only collide. */
  #arm(delayMs: Millis): void {
    const { clock, isPolite } = this.#options
    this.#cancelStep()
    const deferMs = isPolite ? 0 : limits.deferMs
    this.#cancelStep = clock.after(delayMs + deferMs, () => this.#escalate())
  }

  /** The connection that a signal is for; `null` when the other side has replaced its own. */
  #connectionFor(local: string, remote: string | null): Connection | null {
    const connection = this.#connection
    if (!connection?.remote || connection.remote === local) return connection
    // One that cannot roll back answers my offer with another connection than it first had.
    return remote !== null && !connection.isAnswered ? connection : null
  }

  /** As `#connect`, at the other's wish: which it may have so often, and no more. */
  #connectForOther(): Connection | null {
    const now = this.#options.clock.now()
    const recent = this.#callsAt.filter((at) => now - at < limits.callsMs)
    if (recent.length >= limits.calls) return null
    this.#callsAt = [...recent, now]
    return this.#connect()
  }

  /** A new connection in place of what there was. */
  #connect(): Connection | null {
    this.#drop()
    this.#replacements += 1
    this.#step = 'replacing'
    this.#setStatus({ state: this.#wasOpened ? 'repairing' : 'connecting', path: null })
    this.#arm(limits.connectMs)
    const { RTCPeerConnection, isPolite, clock, random } = this.#options
    try {
      this.#connection = new Connection({
        RTCPeerConnection,
        configuration: this.#configuration,
        isPolite,
        clock,
        local: `${random()}${random()}`,
        owner: this,
      })
    } catch (error) {
      this.#fail(`The browser refuses to connect: ${error}`)
    }
    return this.#connection
  }

  #drop(delayMs: Millis = 0): void {
    this.#cancelStep()
    this.#cancelPath()
    const { remote = null } = this.#connection ?? {}
    if (remote) this.#retired = [...this.#retired, remote].slice(-16)
    this.#connection?.close(delayMs)
    this.#connection = null
    if (this.#main) this.#tell(() => this.#options.observer.interrupted())
    this.#main = null
  }

  async #watchPath(): Promise<void> {
    this.#cancelPath()
    this.#cancelPath = this.#options.clock.after(limits.statsMs, () => void this.#watchPath())
    const connection = this.#connection
    const path = connection && (await readPath(connection.peerConnection))
    if (connection === this.#connection && this.#step === 'idle') this.#setStatus({ path })
  }

  #setStatus(change: Partial<LinkStatus>): void {
    const previous = this.status
    const status = { ...previous, reason: null, ...change }
    if (JSON.stringify(status) === JSON.stringify(previous)) return
    this.status = status
    this.#tell(() => this.#options.observer.statusChanged(status, previous))
  }

  /** In order, and never inside a call to the link. */
  #tell(task: () => void): void {
    queueMicrotask(() => {
      if (!this.#isClosed) task()
    })
  }
}
