import type { IceServer, SignalData } from '@skein/protocol'
import type { LinkStatus } from '../api.ts'
import { guarded } from '../emitter.ts'
import { Connection, type ConnectionEvents } from './connection.ts'
import type { ControlMessage } from './control.ts'
import { rtcConfiguration } from './ice.ts'
import * as limits from './limits.ts'
import type { Carrier, CarrierOptions, LinkOptions, PeerLink } from './link.ts'
import { type Liveness, watchLiveness } from './liveness.ts'
import type { NegotiationMessage } from './negotiation.ts'
import { readPath } from './stats.ts'

/** Opens by itself; `options.observer` hears how it goes. */
export const createPeerLink = (options: LinkOptions): PeerLink => new Link(options)

/**
 * The ladder: `idle` is healthy, `waiting` for ICE's own recovery or for the other's call,
 * `restarting` ICE, `replacing` the connection, `failed` for now.
 */
type Step = 'idle' | 'waiting' | 'restarting' | 'replacing' | 'failed'

class Link implements PeerLink {
  readonly #options: LinkOptions
  #iceServers: readonly IceServer[]
  #status: LinkStatus = { state: 'connecting', path: null, rttMs: null, reason: null }
  #step: Step = 'waiting'
  #connection: Connection | null = null
  /** The observer was told of its main carrier. */
  #isOpened = false
  #wasOpened = false
  #isClosed = false
  /** In a row, whichever side began. */
  #replacements = 0
  #liveness: Liveness | null = null
  #cancelStep = () => {}
  #cancelPath = () => {}
  /** Ids of the other's replaced connections: what still arrives of them is dropped. */
  readonly #retired: string[] = []

  constructor(options: LinkOptions) {
    this.#options = options
    this.#iceServers = options.iceServers
    this.#arm(limits.firstOfferMs)
    if (options.isPolite) this.#tell(() => this.#connection ?? this.#escalate())
  }

  get status(): LinkStatus {
    return this.#status
  }

  receive({ link: { local, remote }, ...message }: SignalData): void {
    const isStale = remote !== null && remote !== this.#connection?.local
    if (this.#isClosed || isStale || this.#retired.includes(local)) return
    const connection = this.#connectionFor(local, remote) ?? this.#connect()
    if (!connection) return
    connection.remote = local
    connection.receive(message)
  }

  carrier(options: CarrierOptions): Carrier | null {
    return this.#connection?.main?.isOpen ? this.#connection.carrier(options) : null
  }

  setIceServers(iceServers: readonly IceServer[]): void {
    this.#iceServers = iceServers
    if (!this.#connection) return
    const { peerConnection, canRestart } = this.#connection
    const configuration = rtcConfiguration(this.#options.rtc, iceServers)
    // Servers that the platform refuses do not end a link that is open.
    guarded(() => peerConnection.setConfiguration(configuration))
    if (canRestart && this.#status.path === 'relay') peerConnection.restartIce()
  }

  probe(): void {
    if (this.#isClosed) return
    if (this.#step === 'idle') this.#liveness?.probe()
    else if (this.#step !== 'replacing') this.#escalate()
  }

  close(): void {
    this.#drop({ bye: true })
    this.#isClosed = true
  }

  /** The next step of the ladder. */
  #escalate(): void {
    const connection = this.#connection
    // A failed link gets one try at a time.
    if (this.#step === 'failed') this.#replacements = limits.replacements - 1
    if (this.#step === 'waiting' && connection?.canRestart && connection.main?.isOpen) {
      this.#step = 'restarting'
      connection.peerConnection.restartIce()
      this.#arm(limits.restartMs)
    } else if (this.#replacements < limits.replacements) this.#connect()?.offer()
    else this.#fail(this.#reason())
  }

  #trouble(delayMs: number): void {
    if (this.#step === 'failed' || this.#step === 'replacing') return
    this.#step = 'waiting'
    this.#setStatus({ state: 'repairing', path: null })
    this.#arm(delayMs)
  }

  #recovered(): void {
    if (this.#step === 'idle' || !this.#connection?.main?.isOpen) return
    this.#step = 'idle'
    this.#replacements = 0
    this.#cancelStep()
    this.#setStatus({ state: 'open' })
    this.#watchPath()
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
  #arm(delayMs: number): void {
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

  /** A new connection in place of what there was. */
  #connect(): Connection | null {
    this.#drop()
    this.#replacements += 1
    this.#step = 'replacing'
    this.#setStatus({ state: this.#wasOpened ? 'repairing' : 'connecting', path: null })
    this.#arm(limits.connectMs)
    const { RTCPeerConnection, rtc, isPolite, clock, random } = this.#options
    try {
      this.#connection = new Connection({
        RTCPeerConnection,
        configuration: rtcConfiguration(rtc, this.#iceServers),
        isPolite,
        clock,
        local: newId(random),
        events: this.#events(),
      })
    } catch (error) {
      this.#fail(`The browser refuses to connect: ${error}`)
    }
    return this.#connection
  }

  #events(): ConnectionEvents {
    const { observer } = this.#options
    return {
      signal: (data) => this.#tell(() => observer.signal(data)),
      opened: (main) => this.#onOpened(main),
      lost: () => this.#trouble(limits.repairWaitMs),
      heard: () => {
        this.#liveness?.heard()
        if (this.#connection?.peerConnection.connectionState === 'connected') this.#recovered()
      },
      frame: (label, frame) => this.#tell(() => observer.frame(label, frame)),
      control: (message) => this.#onControl(message),
      stateChanged: (state) => this.#onStateChanged(state),
      replace: (offer) => this.#replaceFor(offer),
      isHealthy: () => this.#step === 'idle',
    }
  }

  #drop(how?: { readonly bye: boolean }): void {
    this.#cancelStep()
    this.#cancelPath()
    this.#liveness?.stop()
    this.#liveness = null
    const remote = this.#connection?.remote
    if (remote) this.#retired.push(remote)
    if (this.#retired.length > 16) this.#retired.shift()
    this.#connection?.close(how)
    this.#connection = null
    if (this.#isOpened) this.#tell(() => this.#options.observer.interrupted())
    this.#isOpened = false
  }

  /** Where a connection cannot roll back, a new one takes its place. */
  #replaceFor(offer: NegotiationMessage | null): void {
    const remote = this.#connection?.remote ?? null
    // With an offer to answer, the other's connection stays, and so does its id.
    if (offer && this.#connection) this.#connection.remote = null
    const connection = this.#connect()
    if (!connection) return
    if (offer) {
      connection.remote = remote
      connection.receive(offer)
    } else connection.offer()
  }

  #onOpened(main: Carrier): void {
    const { clock, observer } = this.#options
    this.#isOpened = true
    this.#wasOpened = true
    this.#liveness = watchLiveness({
      clock,
      ping: () => this.#sendPing(),
      silent: () => this.#trouble(limits.repairWaitMs),
    })
    this.#tell(() => observer.opened(main))
    this.#recovered()
    this.#sendPing()
  }

  #onStateChanged(state: RTCPeerConnectionState): void {
    if (state === 'connected') {
      this.#liveness?.heard()
      this.#recovered()
    } else if (state === 'failed' && this.#step !== 'idle') {
      if (this.#step !== 'failed') this.#arm(0)
    } else if ((state === 'failed' || state === 'disconnected') && this.#step === 'idle') {
      this.#trouble(limits.repairWaitMs)
    }
  }

  /** Its id is the time: the answer brings it back. */
  #sendPing(): void {
    this.#connection?.send({ type: 'ping', id: this.#options.clock.now() })
  }

  #onControl(message: Exclude<ControlMessage, NegotiationMessage>): void {
    if (message.type === 'bye') {
      this.#fail('The peer closed the link.')
      // It wanted so: only its call, or a probe, opens the link again.
      this.#cancelStep()
    } else if (message.type === 'ping') this.#connection?.send({ type: 'pong', id: message.id })
    else this.#measured(Math.max(0, this.#options.clock.now() - message.id))
  }

  /** Smoothed; told when it differs by what matters to people. */
  #measured(sampleMs: number): void {
    const { rttMs } = this.#status
    const next = rttMs === null ? sampleMs : rttMs + (sampleMs - rttMs) / 4
    if (rttMs === null || Math.abs(next - rttMs) > 1 + rttMs / 10) {
      this.#setStatus({ rttMs: Math.round(next * 10) / 10 })
    }
  }

  #watchPath(): void {
    this.#cancelPath()
    this.#cancelPath = this.#options.clock.after(limits.statsMs, () => this.#watchPath())
    void this.#readPath()
  }

  async #readPath(): Promise<void> {
    const connection = this.#connection
    const path = connection && (await readPath(connection.peerConnection))
    if (connection === this.#connection && this.#step === 'idle') this.#setStatus({ path })
  }

  #setStatus(change: Partial<LinkStatus>): void {
    const previous = this.#status
    const status = { ...previous, reason: null, ...change }
    if (JSON.stringify(status) === JSON.stringify(previous)) return
    this.#status = status
    this.#tell(() => this.#options.observer.statusChanged(status, previous))
  }

  /** In order, and never inside a call to the link. */
  #tell(task: () => void): void {
    queueMicrotask(() => {
      if (!this.#isClosed) task()
    })
  }
}

const newId = (random: () => number): string =>
  [random(), random()].map((part) => Math.floor(part * 2 ** 48).toString(36)).join('')
