import type { Millis, SignalData } from '@skein/protocol'
import { withoutNullish } from '../base/json.ts'
import { type Liveness, watchLiveness } from '../time/liveness.ts'
import { type ControlMessage, controlLabel, parseControl } from './control.ts'
import * as limits from './limits.ts'
import { type FrameChannel, type FrameChannelOptions, mainLabel } from './link.ts'
import { Negotiation, type NegotiationMessage, type NegotiationOptions } from './negotiation.ts'

/** The link that a connection carries, as it sees it. It is told nothing after `close()`. */
export interface ConnectionOwner {
  /** `isSent`: it went over the control channel already, which can be trusted. */
  readonly signal: (data: SignalData, isSent: boolean) => void
  /**
   * The path is in this state: told when that changes, and whenever something is heard. A channel
   * that closes under our feet counts as `failed`, silence as `disconnected`.
   */
  readonly stateChanged: (state: RTCPeerConnectionState) => void
  readonly frame: (label: string, frame: Uint8Array<ArrayBuffer>) => void
  readonly measured: (rttMs: Millis) => void
  /** The other side closes the link on purpose. */
  readonly left: () => void
  /** It cannot go on: make a new one, with this offer or to make an offer. */
  readonly replace: (offer: NegotiationMessage | null) => void
}

export interface ConnectionOptions extends NegotiationOptions {
  readonly random: () => number
}

/** What every implementation takes in one message, where the connection does not say. */
const frameBytes = 64 * 1024
/**
 * Below this the queue asks for more. Near to where it counts as full: on a short path it is never
 * that full, and an event for each frame would cost as much as the frame.
 */
const lowWaterBytes = 192 * 1024

/**
 * One RTCPeerConnection of a link, with its channels. Opens nothing yet: `call()` calls the other
 * side, `receive()` answers it. It may be made, and call, before it has an owner.
 */
export class Connection extends Negotiation {
  /** The id of this one. */
  readonly local: string
  /** The id of the other side's connection; `null` until heard. */
  remote: string | null = null
  /** Reliable and ordered; `null` until a call was made or taken. */
  main: FrameChannel | null = null
  readonly liveness: Liveness
  readonly #channels: RTCDataChannel[] = []
  #control: RTCDataChannel | null = null
  /** `null` until there is one, and once closed. */
  #owner: ConnectionOwner | null = null
  /** The other side spoke over the server although the channel is open: it found the path dead. */
  #isPathSuspect = false

  /** @throws what the platform says of a configuration that it refuses. */
  constructor(options: ConnectionOptions) {
    super(options)
    this.local = `${options.random()}${options.random()}`
    this.liveness = watchLiveness({
      ...limits.life,
      clock: this.clock,
      ping: () => this.ping(),
      silent: () => this.#owner?.stateChanged('disconnected'),
    })
    // Whatever has changed, the silence is counted anew.
    this.pc.onconnectionstatechange = () => this.#heard()
    this.pc.ondatachannel = ({ channel }) => {
      // Those of the link are never announced: one that pretends to be is refused.
      if (channel.label.startsWith(mainLabel)) channel.close()
      else this.#adopt(channel)
    }
  }

  belongTo(owner: ConnectionOwner): void {
    this.#owner = owner
  }

  call(): void {
    this.makeChannels()
    void this.offer()
  }

  /** What came over the server. */
  override receive(message: NegotiationMessage): Promise<void> {
    this.#isPathSuspect = this.#control?.readyState === 'open'
    return super.receive(message)
  }

  /** On the control channel; `false` when it is not open. */
  send(message: ControlMessage): boolean {
    const isOpen = this.#control?.readyState === 'open'
    if (isOpen) this.#control?.send(JSON.stringify(message))
    return isOpen
  }

  /** Its id is the time: the answer brings it back. */
  ping(): void {
    this.send({ type: 'ping', id: this.clock.now() })
  }

  carrier(options: FrameChannelOptions): FrameChannel {
    // An absent limit must be a missing key: `null` would be read as 0.
    return this.#adopt(this.pc.createDataChannel(options.label, withoutNullish(options)))
  }

  /** Restarts ICE; `false` where the platform cannot. */
  restart(): boolean {
    if (!this.needsExplicitSdp) this.pc.restartIce()
    return !this.needsExplicitSdp
  }

  /** What was sent last is given `delayMs` to leave. */
  override close(delayMs: Millis = 0): void {
    super.close()
    this.#owner = null
    this.liveness.stop()
    this.clock.after(delayMs, () => {
      for (const channel of this.#channels) channel.close()
    })
    // A process with node-datachannel ends cleanly only when channels go before their connection.
    const lingerMs = this.needsExplicitSdp ? limits.byeMs : 0
    this.clock.after(delayMs + lingerMs, () => this.pc.close())
  }

  protected override say(message: NegotiationMessage): void {
    const isSent = this.send(message) && !this.#isPathSuspect
    this.#owner?.signal({ link: { local: this.local, remote: this.remote }, ...message }, isSent)
  }

  protected override replace(offer: NegotiationMessage | null): void {
    this.#owner?.replace(offer)
  }

  override makeChannels(): void {
    if (this.#control) return
    const make = (label: string, id: number) =>
      this.pc.createDataChannel(label, { negotiated: true, id })
    const control = make(controlLabel, 0)
    this.#control = control
    this.#channels.push(control)
    control.onmessage = ({ data }) => this.#onControl(data)
    const main = make(mainLabel, 1)
    this.main = this.#adopt(main)
    // A browser may tell a few milliseconds later that the path stands.
    main.onopen = () => this.#owner?.stateChanged('connected')
    main.onclose = () => this.#owner?.stateChanged('failed')
  }

  #onControl(data: unknown): void {
    const message = parseControl(data)
    if (!message) return
    this.#isPathSuspect = false
    this.#heard()
    if (message.type === 'ping') this.send({ ...message, type: 'pong' })
    else if (message.type === 'pong') this.#owner?.measured(this.clock.now() - message.id)
    else if (message.type === 'bye') this.#owner?.left()
    else void super.receive(message)
  }

  #heard(): void {
    this.liveness.heard()
    this.#owner?.stateChanged(this.pc.connectionState)
  }

  /** Dresses a channel as a carrier of binary frames. */
  #adopt(channel: RTCDataChannel): FrameChannel {
    const { pc } = this
    const carrier: FrameChannel = {
      label: channel.label,
      get isOpen() {
        return channel.readyState === 'open'
      },
      get bufferedAmount() {
        return channel.bufferedAmount
      },
      get maxMessageSize() {
        return pc.sctp?.maxMessageSize || frameBytes
      },
      send: (frame) => channel.send(frame),
      ondrain: null,
    }
    this.#channels.push(channel)
    channel.binaryType = 'arraybuffer'
    channel.bufferedAmountLowThreshold = lowWaterBytes
    // The other side took some of what was sent: a sign of life.
    channel.onopen = channel.onbufferedamountlow = () => {
      this.#heard()
      carrier.ondrain?.()
    }
    channel.onmessage = ({ data }) => {
      this.#heard()
      if (data instanceof ArrayBuffer) this.#owner?.frame(carrier.label, new Uint8Array(data))
    }
    return carrier
  }
}
