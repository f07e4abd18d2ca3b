import type { Millis, SignalData } from '@skein/protocol'
import type { Clock } from '../clock.ts'
import { present } from '../json.ts'
import { createCarrier } from './carrier.ts'
import { type ControlMessage, controlLabel, parseControl } from './control.ts'
import * as limits from './limits.ts'
import { type Carrier, type CarrierOptions, mainLabel } from './link.ts'
import { type Liveness, watchLiveness } from './liveness.ts'
import { isExplicit, Negotiation, type NegotiationMessage } from './negotiation.ts'

/** The link that a connection carries, as it sees it. It is told nothing after `close()`. */
export interface ConnectionOwner {
  readonly signal: (data: SignalData) => void
  /** The main carrier is open. */
  readonly opened: (main: Carrier) => void
  /** Something arrived on a path that stands. */
  readonly heard: () => void
  /** The path came to this state; a channel that closes under our feet counts as `failed`. */
  readonly stateChanged: (state: RTCPeerConnectionState) => void
  readonly frame: (label: string, frame: Uint8Array<ArrayBuffer>) => void
  readonly measured: (rttMs: Millis) => void
  /** The other side closes the link on purpose. */
  readonly left: () => void
  /** It cannot go on: make a new one, with this offer or to make an offer. */
  readonly replace: (offer: NegotiationMessage | null) => void
  /** Whether what is sent on the control channel can be trusted to arrive. */
  readonly isHealthy: () => boolean
}

export interface ConnectionOptions {
  readonly RTCPeerConnection: typeof RTCPeerConnection
  readonly configuration: RTCConfiguration
  readonly isPolite: boolean
  readonly clock: Clock
  /** The id of this connection. */
  readonly local: string
  readonly owner: ConnectionOwner
}

/**
 * One RTCPeerConnection of a link, with its channels. Opens nothing yet: `offer()` calls the other
 * side, `receive()` answers it.
 */
export class Connection {
  readonly local: string
  /** The id of the other side's connection; `null` until heard. */
  remote: string | null = null
  readonly peerConnection: RTCPeerConnection
  readonly #canRestart: boolean
  readonly #clock: Clock
  readonly #negotiation: Negotiation
  readonly #channels: RTCDataChannel[] = []
  #control: RTCDataChannel | null = null
  #liveness: Liveness | null = null
  /** `null` once closed. */
  #owner: ConnectionOwner | null
  /** The other side spoke over the server although the channel is open: it found the path dead. */
  #isDoubted = false
  #cancelResend = () => {}

  /** @throws what the platform says of a configuration that it refuses. */
  constructor({ RTCPeerConnection, configuration, isPolite, ...options }: ConnectionOptions) {
    this.#owner = options.owner
    this.#clock = options.clock
    this.local = options.local
    const connection = new RTCPeerConnection(configuration)
    this.peerConnection = connection
    this.#canRestart = !isExplicit(RTCPeerConnection)
    this.#negotiation = new Negotiation({
      connection,
      polite: isPolite,
      isExplicit: !this.#canRestart,
      send: (message) => this.#say(message),
      offered: () => this.#makeChannels(),
      replace: (offer) => this.#owner?.replace(offer),
    })
    connection.onconnectionstatechange = () => {
      this.#owner?.stateChanged(connection.connectionState)
      if (connection.connectionState === 'connected') this.#heard()
    }
    connection.ondatachannel = ({ channel }) => {
      // The two of the link are never announced: one that pretends to be is refused.
      if (channel.label === mainLabel || channel.label === controlLabel) channel.close()
      else this.#adopt(channel)
    }
  }

  /** Whether a description of the other side was applied. */
  get isAnswered(): boolean {
    return Boolean(this.peerConnection.remoteDescription?.sdp)
  }

  offer(): void {
    this.#makeChannels()
    if (!this.#canRestart) void this.#negotiation.offer()
  }

  /** What came over the server. */
  receive(message: NegotiationMessage): void {
    this.#isDoubted = true
    void this.#negotiation.receive(message)
  }

  /** On the control channel; `false` when it is not open. */
  send(message: ControlMessage): boolean {
    const isOpen = this.#control?.readyState === 'open'
    if (isOpen) this.#control?.send(JSON.stringify(message))
    return isOpen
  }

  carrier(options: CarrierOptions): Carrier {
    // An absent limit must be a missing key: `null` would be read as 0.
    return this.#adopt(this.peerConnection.createDataChannel(options.label, present(options)))
  }

  /** Asks for a sign of life now. */
  probe(): void {
    this.#liveness?.probe()
  }

  /** Restarts ICE; `false` where the platform cannot. */
  restart(): boolean {
    if (this.#canRestart) this.peerConnection.restartIce()
    return this.#canRestart
  }

  /** What was sent last is given `delayMs` to leave. */
  close(delayMs: Millis): void {
    this.#owner = null
    this.#cancelResend()
    this.#liveness?.stop()
    this.#clock.after(delayMs, () => {
      for (const channel of this.#channels) channel.close()
    })
    // A process with node-datachannel ends cleanly only when channels go before their connection.
    const lingerMs = this.#canRestart ? 0 : limits.byeMs
    this.#clock.after(delayMs + lingerMs, () => this.peerConnection.close())
  }

  /** Over the control channel when it works, else over the server; when in doubt, over both. */
  #say(message: NegotiationMessage): void {
    if (!this.#owner) return
    const isCarried = this.send(message) && !this.#isDoubted && this.#owner.isHealthy()
    const link = { local: this.local, remote: this.remote }
    if (!isCarried) this.#owner.signal({ link, ...message })
    if (message.type === 'description') this.#resendLater(limits.resendMs)
  }

  #resendLater(delayMs: Millis): void {
    this.#cancelResend()
    this.#cancelResend = this.#clock.after(delayMs, () => {
      if (this.#negotiation.resend()) this.#resendLater(delayMs * 2)
    })
  }

  #makeChannels(): void {
    if (this.#control) return
    const make = (label: string, id: number) =>
      this.peerConnection.createDataChannel(label, { negotiated: true, id })
    this.#control = make(controlLabel, 0)
    this.#control.onmessage = ({ data }) => this.#onControl(data)
    this.#channels.push(this.#control)
    const main = make(mainLabel, 1)
    const carrier = this.#adopt(main)
    main.onopen = () => this.#opened(carrier)
    main.onclose = () => this.#owner?.stateChanged('failed')
  }

  #opened(main: Carrier): void {
    if (!this.#owner) return
    this.#liveness = watchLiveness({
      clock: this.#clock,
      ping: () => this.#ping(),
      silent: () => this.#owner?.stateChanged('disconnected'),
    })
    this.#owner.opened(main)
    this.#ping()
  }

  /** Its id is the time: the answer brings it back. */
  #ping(): void {
    this.send({ type: 'ping', id: this.#clock.now() })
  }

  #onControl(data: unknown): void {
    const message = parseControl(data)
    if (!message) return
    this.#isDoubted = false
    this.#heard()
    if (message.type === 'ping') this.send({ ...message, type: 'pong' })
    else if (message.type === 'pong') this.#owner?.measured(this.#clock.now() - message.id)
    else if (message.type === 'bye') this.#owner?.left()
    else void this.#negotiation.receive(message)
  }

  #heard(): void {
    this.#liveness?.heard()
    if (this.peerConnection.connectionState === 'connected') this.#owner?.heard()
  }

  #adopt(channel: RTCDataChannel): Carrier {
    this.#channels.push(channel)
    return createCarrier({
      channel,
      connection: this.peerConnection,
      heard: (frame) => {
        this.#heard()
        if (frame) this.#owner?.frame(channel.label, frame)
      },
    })
  }
}
