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

interface QueuedMessage {
  readonly data: string | ArrayBuffer
  readonly bytes: number
}

/** One end of a data channel; `pairChannels` connects it with the other end. */
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
  /** The other end, once both exist. */
  remote: FakeDataChannel | null = null
  readonly #owner: ChannelOwner
  readonly #queue: QueuedMessage[] = []

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
    const message = copyMessage(data)
    if (message.bytes > fakeMaxMessageBytes) throw new TypeError('larger than maxMessageSize')
    if (this.bufferedAmount + message.bytes > maxQueueBytes) {
      throw new DOMException('queue is full', 'OperationError')
    }
    this.bufferedAmount += message.bytes
    this.#queue.push(message)
    this.#owner.later(() => this.#deliver(message))
  }

  close(): void {
    if (this.readyState === 'closed') return
    const { remote } = this
    this.setClosed()
    this.#owner.later(() => remote?.setClosed())
  }

  /** The channel was closed, by either side. */
  setClosed(): void {
    if (this.readyState === 'closed') return
    this.readyState = 'closed'
    this.#queue.length = 0
    queueMicrotask(() => this.#fire(new Event('close')))
  }

  setOpen(): void {
    if (this.readyState !== 'connecting') return
    this.readyState = 'open'
    this.#fire(new Event('open'))
  }

  /** The path is back: delivers what has waited. */
  resume(): void {
    for (const _ of this.#queue) this.#owner.later(() => this.#deliver())
  }

  /** Delivers this message if the channel is unordered, else the oldest one. */
  #deliver(message?: QueuedMessage): void {
    const index = message && !this.ordered ? this.#queue.indexOf(message) : 0
    const next = this.#queue[index]
    if (!next || this.readyState !== 'open') return
    const isCut = !this.#owner.isPathUp
    if (isCut && this.isReliable) return
    this.#queue.splice(index, 1)
    this.#drain(next.bytes)
    if (!isCut) this.remote?.receive(next)
  }

  #drain(bytes: number): void {
    const before = this.bufferedAmount
    this.bufferedAmount -= bytes
    const threshold = this.bufferedAmountLowThreshold
    if (before > threshold && this.bufferedAmount <= threshold) {
      this.#fire(new Event('bufferedamountlow'))
    }
  }

  receive({ data }: QueuedMessage): void {
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

/** Pairs and opens negotiated channels, and creates the other end of those opened in band. */
export const pairChannels = (one: ChannelOwner, other: ChannelOwner): void => {
  for (const channel of one.channels) {
    if (channel.readyState !== 'connecting') continue
    if (channel.negotiated) {
      const remote = other.channels.find(({ negotiated, id }) => negotiated && id === channel.id)
      if (remote) connect(channel, remote)
    } else one.later(() => createRemote(channel, other))
  }
}

const createRemote = (channel: FakeDataChannel, to: ChannelOwner): void => {
  if (channel.readyState !== 'connecting' || to.connectionState === 'closed') return
  const init = channel.isReliable ? {} : { maxRetransmits: 0 }
  const remote = new FakeDataChannel(to, channel.label, { ...init, ordered: channel.ordered })
  to.channels.push(remote)
  to.ondatachannel?.({ channel: remote })
  connect(channel, remote)
}

const connect = (one: FakeDataChannel, other: FakeDataChannel): void => {
  one.remote = other
  other.remote = one
  one.setOpen()
  other.setOpen()
}

const copyMessage = (data: string | ArrayBuffer | ArrayBufferView<ArrayBuffer>): QueuedMessage => {
  if (typeof data === 'string') return { data, bytes: data.length }
  const view = data instanceof ArrayBuffer ? new Uint8Array(data) : data
  const copy = new Uint8Array(view.byteLength)
  copy.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
  return { data: copy.buffer, bytes: view.byteLength }
}
