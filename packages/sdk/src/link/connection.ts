import type { SignalData } from '@skein/protocol'
import type { Clock } from '../clock.ts'
import { channelInit, createCarrier } from './carrier.ts'
import { type ControlMessage, controlLabel, parseControl } from './control.ts'
import * as limits from './limits.ts'
import { type Carrier, type CarrierOptions, mainLabel } from './link.ts'
import { isExplicit, Negotiation, type NegotiationMessage } from './negotiation.ts'

/** What a connection tells its link. Nothing is told after `close()`. */
export interface ConnectionEvents {
  readonly signal: (data: SignalData) => void
  /** The main carrier is open. */
  readonly opened: (main: Carrier) => void
  /** A channel closed under our feet. */
  readonly lost: () => void
  /** Something arrived. */
  readonly heard: () => void
  readonly frame: (label: string, frame: Uint8Array<ArrayBuffer>) => void
  readonly control: (message: Exclude<ControlMessage, NegotiationMessage>) => void
  readonly stateChanged: (state: RTCPeerConnectionState) => void
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
  readonly events: ConnectionEvents
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
  readonly canRestart: boolean
  main: Carrier | null = null
  readonly #options: ConnectionOptions
  readonly #negotiation: Negotiation
  readonly #channels: RTCDataChannel[] = []
  #control: RTCDataChannel | null = null
  /** `null` once closed: nothing is told any more. */
  #events: ConnectionEvents | null
  /** The other side spoke over the server although the channel is open: it found the path dead. */
  #isDoubted = false
  #cancelResend = () => {}

  /** @throws what the platform says of a configuration that it refuses. */
  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#events = options.events
    this.local = options.local
    this.peerConnection = new options.RTCPeerConnection(options.configuration)
    this.canRestart = !isExplicit(options.RTCPeerConnection)
    this.#negotiation = new Negotiation({
      connection: this.peerConnection,
      polite: options.isPolite,
      isExplicit: !this.canRestart,
      send: (message) => this.#say(message),
      offered: () => this.#makeChannels(),
      replace: (offer) => this.#events?.replace(offer),
    })
    this.peerConnection.onconnectionstatechange = () =>
      this.#events?.stateChanged(this.peerConnection.connectionState)
    this.peerConnection.ondatachannel = ({ channel }) => {
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
    if (!this.canRestart) void this.#negotiation.offer()
  }

  /** What came over the server. */
  receive(message: NegotiationMessage): void {
    this.#isDoubted = true
    void this.#negotiation.receive(message)
  }

  /** On the control channel, if it is open. */
  send(message: ControlMessage): void {
    if (this.#control?.readyState === 'open') this.#control.send(JSON.stringify(message))
  }

  carrier(options: CarrierOptions): Carrier {
    const channel = this.peerConnection.createDataChannel(options.label, channelInit(options))
    return this.#adopt(channel)
  }

  close({ bye }: { readonly bye: boolean } = { bye: false }): void {
    if (!this.#events) return
    this.#events = null
    this.#cancelResend()
    if (bye && this.#control?.readyState === 'open') {
      this.send({ type: 'bye' })
      this.#options.clock.after(limits.byeMs, () => this.#end())
    } else this.#end()
  }

  #end(): void {
    for (const channel of this.#channels) channel.close()
    const close = () => this.peerConnection.close()
    // A process with node-datachannel ends cleanly only when channels go before their connection.
    if (this.canRestart) close()
    else this.#options.clock.after(limits.byeMs, close)
  }

  /** Over the control channel when it works, else over the server; when in doubt, over both. */
  #say(message: NegotiationMessage): void {
    if (!this.#events) return
    const isOpen = this.#control?.readyState === 'open'
    const isCarried = isOpen && !this.#isDoubted && this.#events.isHealthy()
    this.send(message)
    const link = { local: this.local, remote: this.remote }
    if (!isCarried) this.#events.signal({ link, ...message })
    if (message.type === 'description') this.#resendLater(limits.resendMs)
  }

  #resendLater(delayMs: number): void {
    this.#cancelResend()
    this.#cancelResend = this.#options.clock.after(delayMs, () => {
      if (this.#negotiation.resend()) this.#resendLater(delayMs * 2)
    })
  }

  #makeChannels(): void {
    if (this.#control) return
    const control = this.peerConnection.createDataChannel(controlLabel, { negotiated: true, id: 0 })
    control.onmessage = ({ data }) => this.#onControl(data)
    this.#control = control
    this.#channels.push(control)
    const main = this.peerConnection.createDataChannel(mainLabel, { negotiated: true, id: 1 })
    const carrier = this.#adopt(main)
    this.main = carrier
    main.onopen = () => this.#events?.opened(carrier)
    main.onclose = () => this.#events?.lost()
  }

  #onControl(data: unknown): void {
    const message = parseControl(data)
    if (!message) return
    this.#isDoubted = false
    this.#events?.heard()
    if (message.type === 'description' || message.type === 'candidate') {
      void this.#negotiation.receive(message)
    } else this.#events?.control(message)
  }

  #adopt(channel: RTCDataChannel): Carrier {
    this.#channels.push(channel)
    return createCarrier({
      channel,
      connection: this.peerConnection,
      heard: (frame) => {
        this.#events?.heard()
        if (frame) this.#events?.frame(channel.label, frame)
      },
    })
  }
}
