import type { Millis, SignalData } from '@skein/protocol'
import { withoutNullish } from '../base/json.ts'
import { type Liveness, watchLiveness } from '../time/liveness.ts'
import { type ControlMessage, controlLabel, parseControl } from './control.ts'
import * as limits from './limits.ts'
import { type FrameChannel, type FrameChannelOptions, mainLabel, separatePrefix } from './link.ts'
import { Negotiation, type NegotiationMessage, type NegotiationOptions } from './negotiation.ts'

/** The link that a connection serves. It hears nothing after `close()`. */
export interface ConnectionOwner {
  /** `isSent`: it went over the control channel already, and the path works. */
  readonly signal: (data: SignalData, isSent: boolean) => void
  /**
   * The state of the path, on every change and whenever something arrives. A main channel that
   * closes counts as `failed`, silence as `disconnected`.
   */
  readonly stateChanged: (state: RTCPeerConnectionState) => void
  readonly frame: (label: string, frame: Uint8Array<ArrayBuffer>) => void
  /** A round trip was measured. */
  readonly measured: (rttMs: Millis) => void
  /** The other side closed the link on purpose. */
  readonly closedByPeer: () => void
  /** Whether the other side may send one more message with these candidate addresses. */
  readonly allows: (addresses: readonly string[]) => boolean
  /** A new connection has to replace this one, to take this offer or to make one (`null`). */
  readonly replace: (offer: NegotiationMessage | null) => void
}

export interface ConnectionOptions extends NegotiationOptions {
  readonly random: () => number
}

/** The largest message that every implementation accepts; used if the connection has no value. */
const frameBytes = 64 * 1024
/**
 * Below this the sender is asked for more. It is close to the high-water mark: on a short path the
 * queue never gets that full, and one event per frame would cost as much as the frame.
 */
const lowWaterBytes = 192 * 1024

/**
 * One RTCPeerConnection of a link, with its channels. It does nothing until `start()`, which makes
 * an offer, or `receive()`, which answers one. Both work before it has an owner.
 */
export class Connection extends Negotiation {
  /** The id of this connection. */
  readonly local: string
  /** The id of the other side's connection; `null` until known. */
  remote: string | null = null
  /** The main frame channel; `null` before the first offer or answer. */
  main: FrameChannel | null = null
  readonly #liveness: Liveness
  readonly #channels: RTCDataChannel[] = []
  #control: RTCDataChannel | null = null
  /** `null` until it is set, and again after `close()`. */
  #owner: ConnectionOwner | null = null
  /** The other side used the server although the control channel is open: it suspects the path. */
  #isPathSuspect = false

  /** @throws whatever the platform throws for a configuration that it refuses. */
  constructor(options: ConnectionOptions) {
    super(options)
    this.local = `${options.random()}${options.random()}`
    this.#liveness = watchLiveness({
      ...limits.liveness,
      clock: this.clock,
      ping: () => this.ping(),
      silent: () => this.#owner?.stateChanged('disconnected'),
    })
    // Any change of state restarts the count of silence.
    this.pc.onconnectionstatechange = () => this.#onTraffic()
    this.pc.ondatachannel = ({ channel }) => {
      // The link's own channels are negotiated, never announced: one that claims to be is refused.
      const isSeparate = channel.label.startsWith(separatePrefix)
      if (isSeparate && this.#channels.length < limits.maxChannels) this.#wrap(channel)
      else channel.close()
    }
  }

  setOwner(owner: ConnectionOwner): void {
    this.#owner = owner
  }

  /** Creates the channels and makes the first offer. */
  start(): void {
    this.makeChannels()
    void this.offer()
  }

  /** Takes a message that came through the server. */
  override receive(message: NegotiationMessage): Promise<void> {
    this.#isPathSuspect = this.#control?.readyState === 'open'
    return super.receive(message)
  }

  /** Sends on the control channel; `false` if it is not open. */
  send(message: ControlMessage): boolean {
    try {
      this.#control?.send(JSON.stringify(message))
      return this.#control !== null
    } catch {
      // It is not open, or its queue is full.
      return false
    }
  }

  /** Expects traffic soon, or counts as silent. */
  probe(): void {
    this.#liveness.probe()
  }

  /** The id of a ping is the time: the pong brings it back. */
  ping(): void {
    this.send({ type: 'ping', id: this.clock.now() })
  }

  openFrameChannel(options: FrameChannelOptions): FrameChannel {
    // An absent limit must be a missing key: the platform converts `null` to 0.
    return this.#wrap(this.pc.createDataChannel(options.label, withoutNullish(options)))
  }

  override close(delayMs: Millis = 0): void {
    this.#owner = null
    this.#liveness.stop()
    this.clock.after(delayMs, () => {
      for (const channel of this.#channels) channel.close()
    })
    super.close(delayMs)
  }

  protected override signal(message: NegotiationMessage): void {
    const isSent = this.send(message) && !this.#isPathSuspect
    this.#owner?.signal({ link: { local: this.local, remote: this.remote }, ...message }, isSent)
  }

  protected override allows(addresses: readonly string[]): boolean {
    return this.#owner?.allows(addresses) ?? true
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
    control.onmessage = ({ data }) => this.#receiveControl(data)
    const main = make(mainLabel, 1)
    this.main = this.#wrap(main)
    // `connectionState` may become `connected` some milliseconds after the channel opens.
    main.onopen = () => this.#owner?.stateChanged('connected')
    main.onclose = () => this.#owner?.stateChanged('failed')
  }

  #receiveControl(data: unknown): void {
    const message = parseControl(data)
    if (!message) return
    this.#isPathSuspect = false
    this.#onTraffic()
    if (message.type === 'ping') this.send({ ...message, type: 'pong' })
    else if (message.type === 'pong') this.#owner?.measured(this.clock.now() - message.id)
    else if (message.type === 'bye') this.#owner?.closedByPeer()
    else void super.receive(message)
  }

  #onTraffic(): void {
    this.#liveness.onTraffic()
    this.#owner?.stateChanged(this.pc.connectionState)
  }

  #wrap(channel: RTCDataChannel): FrameChannel {
    const { pc } = this
    const frameChannel: FrameChannel = {
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
    const isMain = channel.label === mainLabel
    channel.bufferedAmountLowThreshold = isMain ? lowWaterBytes : 0
    channel.onopen = channel.onbufferedamountlow = () => {
      // A queue that drains proves that the other side receives, if nothing in it can be dropped.
      if (isMain) this.#onTraffic()
      frameChannel.ondrain?.()
    }
    channel.onmessage = ({ data }) => {
      this.#onTraffic()
      if (data instanceof ArrayBuffer) this.#owner?.frame(frameChannel.label, new Uint8Array(data))
    }
    return frameChannel
  }
}
