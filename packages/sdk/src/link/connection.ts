import type { Millis } from '@skein/protocol'
import { withoutNullish } from '../base/json.ts'
import { type ControlMessage, controlLabel, parseControl } from './control.ts'
import * as limits from './limits.ts'
import {
  type ConnectionOwner,
  type FrameChannel,
  type FrameChannelOptions,
  type LinkConnection,
  mainLabel,
  separatePrefix,
} from './link.ts'
import { Negotiation, type NegotiationMessage, type NegotiationOptions } from './negotiation.ts'

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
export class Connection extends Negotiation implements LinkConnection {
  readonly via = null
  /** The id of this connection. */
  readonly local: string
  /** The id of the other side's connection; `null` until known. */
  remote: string | null = null
  /** The main frame channel; `null` before the first offer or answer. */
  main: FrameChannel | null = null
  /** What came on the main frame channel before this connection was in use. */
  early: Uint8Array<ArrayBuffer> | null = null
  /** `bufferedAmount` of the main frame channel when it was looked at last. */
  #buffered = 0
  readonly #channels: RTCDataChannel[] = []
  #control: RTCDataChannel | null = null
  /** `null` until it is set, and again after `close()`. */
  #owner: ConnectionOwner | null = null

  /** @throws whatever the platform throws for a configuration that it refuses. */
  constructor(options: ConnectionOptions) {
    super(options)
    this.local = `${options.random()}${options.random()}`
    this.pc.onconnectionstatechange = () => {
      const { connectionState: state } = this.pc
      if (state === 'failed' || state === 'closed') this.#owner?.ended(this)
      else if (state === 'connected') this.#watchPath()
    }
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

  get isOpen(): boolean {
    return this.main?.isOpen === true && this.#control?.readyState === 'open'
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

  /** Whether the other side has taken something since the last call: a slow path is no dead one. */
  hasDrained(): boolean {
    const before = this.#buffered
    this.#buffered = this.main?.bufferedAmount ?? 0
    return this.#buffered < before
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
    this.clock.after(delayMs, () => {
      for (const channel of this.#channels) channel.close()
    })
    super.close(delayMs)
  }

  protected override signal(message: NegotiationMessage): void {
    const link = { local: this.local, remote: this.remote }
    this.#owner?.signal({ link, ...message }, this.send(message))
  }

  protected override allows(addresses: readonly string[]): boolean {
    return this.#owner?.allows(addresses) ?? true
  }

  protected override replace(): void {
    this.#owner?.replace()
  }

  override makeChannels(): void {
    if (this.#control) return
    const make = (label: string, id: number) =>
      this.pc.createDataChannel(label, { negotiated: true, id })
    const control = make(controlLabel, 0)
    this.#control = control
    this.#channels.push(control)
    control.onmessage = ({ data }) => this.#receiveControl(data)
    control.onopen = () => this.#opened()
    const main = make(mainLabel, 1)
    this.main = this.#wrap(main)
    main.onclose = () => this.#owner?.ended(this)
  }

  #opened(): void {
    if (this.isOpen) this.#owner?.opened(this)
  }

  /** Firefox has no such event: there the path is looked up from time to time. */
  #watchPath(): void {
    const transport = this.pc.sctp?.transport?.iceTransport
    if (transport) transport.onselectedcandidatepairchange = () => this.#owner?.pathChanged(this)
  }

  #receiveControl(data: unknown): void {
    const message = parseControl(data)
    if (!message) return
    this.#owner?.heard(this)
    if (message.type === 'ping') this.send({ ...message, type: 'pong' })
    else if (message.type === 'pong') this.#owner?.measured(this, this.clock.now() - message.id)
    else if (message.type === 'use') this.#owner?.used(this, message.id)
    else if (message.type === 'bye') this.#owner?.closedByPeer()
    else void this.receive(message)
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
      send: (frame) => {
        channel.send(frame)
        this.#owner?.sent(this)
      },
      ondrain: null,
    }
    this.#channels.push(channel)
    channel.binaryType = 'arraybuffer'
    const isMain = channel.label === mainLabel
    channel.bufferedAmountLowThreshold = isMain ? lowWaterBytes : 0
    channel.onbufferedamountlow = () => {
      // A queue that drains proves that the other side receives, if nothing in it can be dropped.
      if (isMain) this.#owner?.heard(this)
      frameChannel.ondrain?.()
    }
    channel.onopen = () => {
      if (isMain) this.#opened()
      frameChannel.ondrain?.()
    }
    channel.onmessage = ({ data }) => {
      this.#owner?.heard(this)
      if (data instanceof ArrayBuffer) {
        this.#owner?.frame(this, frameChannel.label, new Uint8Array(data))
      }
    }
    return frameChannel
  }
}
