const maxQueueBytes = 16 * 1024 * 1024
export const fakeMaxMessageBytes: number = 256 * 1024

/** The connection of a data channel, as far as the channel needs it. */
export interface ChannelOwner {
  readonly channels: FakeDataChannel[]
  readonly connectionState: RTCPeerConnectionState
  readonly isPathUp: boolean
  readonly ondatachannel: ((event: { channel: FakeDataChannel }) => void) | null
  readonly later: (task: () => void) => void
}

interface Parcel {
  readonly data: string | ArrayBuffer
  readonly bytes: number
}

/** One end of a data channel; `FakeConnection` couples it with the other. */
export class FakeDataChannel extends EventTarget {
  readonly label: string
  readonly id: number | null
  readonly negotiated: boolean
  readonly isReliable: boolean
  readonly ordered: boolean
  binaryType: BinaryType = 'arraybuffer'
  readyState: RTCDataChannelState = 'connecting'
  bufferedAmount = 0
  bufferedAmountLowThreshold = 0
  onopen: ((event: Event) => void) | null = null
  onclose: ((event: Event) => void) | null = null
  onmessage: ((event: MessageEvent) => void) | null = null
  onbufferedamountlow: ((event: Event) => void) | null = null
  /** The other end, once both are there. */
  remote: FakeDataChannel | null = null
  readonly #owner: ChannelOwner
  readonly #queue: Parcel[] = []

  constructor(owner: ChannelOwner, label: string, init: RTCDataChannelInit = {}) {
    super()
    this.#owner = owner
    this.label = label
    this.negotiated = init.negotiated ?? false
    this.id = init.id ?? null
    this.ordered = init.ordered ?? true
    this.isReliable = init.maxRetransmits === undefined && init.maxPacketLifeTime === undefined
  }

  send(data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer>): void {
    if (this.readyState !== 'open') throw new DOMException('not open', 'InvalidStateError')
    const parcel = pack(data)
    if (parcel.bytes > fakeMaxMessageBytes) throw new TypeError('larger than maxMessageSize')
    if (this.bufferedAmount + parcel.bytes > maxQueueBytes) {
      throw new DOMException('queue is full', 'OperationError')
    }
    this.bufferedAmount += parcel.bytes
    this.#queue.push(parcel)
    this.#owner.later(() => this.#arrive(parcel))
  }

  close(): void {
    if (this.readyState === 'closed') return
    const { remote } = this
    this.closed()
    this.#owner.later(() => remote?.closed())
  }

  /** The channel is gone, whoever closed it. */
  closed(): void {
    if (this.readyState === 'closed') return
    this.readyState = 'closed'
    this.#queue.length = 0
    queueMicrotask(() => this.#fire(new Event('close')))
  }

  opened(): void {
    if (this.readyState !== 'connecting') return
    this.readyState = 'open'
    this.#fire(new Event('open'))
  }

  /** The path is there again: what waited goes on its way. */
  resume(): void {
    for (const _ of this.#queue) this.#owner.later(() => this.#arrive())
  }

  /** Something should be there by now: the parcel meant, or the oldest that waits. */
  #arrive(parcel?: Parcel): void {
    const place = parcel && !this.ordered ? this.#queue.indexOf(parcel) : 0
    const next = this.#queue[place]
    if (!next || this.readyState !== 'open') return
    const isCut = !this.#owner.isPathUp
    if (isCut && this.isReliable) return
    this.#queue.splice(place, 1)
    this.#sent(next.bytes)
    if (!isCut) this.remote?.received(next)
  }

  #sent(bytes: number): void {
    const before = this.bufferedAmount
    this.bufferedAmount -= bytes
    const threshold = this.bufferedAmountLowThreshold
    if (before > threshold && this.bufferedAmount <= threshold) {
      this.#fire(new Event('bufferedamountlow'))
    }
  }

  received({ data }: Parcel): void {
    if (this.readyState === 'open') this.#fire(new MessageEvent('message', { data }))
  }

  #fire(event: Event): void {
    this.dispatchEvent(event)
    if (event.type === 'open') this.onopen?.(event)
    if (event.type === 'close') this.onclose?.(event)
    if (event.type === 'bufferedamountlow') this.onbufferedamountlow?.(event)
    if (event instanceof MessageEvent) this.onmessage?.(event)
  }
}

/** Pairs what is negotiated on both sides, tells the other of the rest, and opens what is paired. */
export const pairChannels = (one: ChannelOwner, other: ChannelOwner): void => {
  for (const channel of one.channels) {
    if (channel.readyState !== 'connecting') continue
    if (channel.negotiated) {
      const twin = other.channels.find(({ negotiated, id }) => negotiated && id === channel.id)
      if (twin) couple(channel, twin)
    } else one.later(() => announce(channel, other))
  }
}

const announce = (channel: FakeDataChannel, to: ChannelOwner): void => {
  if (channel.readyState !== 'connecting' || to.connectionState === 'closed') return
  const init = channel.isReliable ? {} : { maxRetransmits: 0 }
  const twin = new FakeDataChannel(to, channel.label, { ...init, ordered: channel.ordered })
  to.channels.push(twin)
  to.ondatachannel?.({ channel: twin })
  couple(channel, twin)
}

const couple = (one: FakeDataChannel, other: FakeDataChannel): void => {
  one.remote = other
  other.remote = one
  one.opened()
  other.opened()
}

const pack = (data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer>): Parcel => {
  if (typeof data === 'string') return { data, bytes: data.length }
  const view = data instanceof ArrayBuffer ? new Uint8Array(data) : data
  const copy = new Uint8Array(view.byteLength)
  copy.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
  return { data: copy.buffer, bytes: view.byteLength }
}
