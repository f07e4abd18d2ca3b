import type { Channel, ChannelMessage, ChannelOptions, On, SendOptions } from '../api.ts'
import { createEmitter } from '../base/emitter.ts'
import { Queue } from '../core/queue.ts'
import type { FrameChannelOptions } from '../link/link.ts'

/** The outcome of a message; `null`: it was handled. */
export type Outcome = 'not-host' | 'stale-term' | 'queue-full' | null

/** A received message. */
export interface Arrival<Data> {
  readonly message: ChannelMessage<Data>
  /** Reports the outcome to the sender; only the first call counts. */
  readonly done: (outcome: Outcome) => void
  /** Marks the message as read, which returns its credit to the sender. */
  readonly read: () => void
}

/** Relative shares of the link. */
const weights = { 'very-low': 1, low: 2, medium: 4, high: 8 }

interface Reader<Data> {
  readonly queue: Queue<Arrival<Data>>
  wake: () => void
}

/** The application's end of a channel. The credit of the senders bounds what it holds. */
export class ChannelEnd<Data> implements Channel<Data> {
  readonly label: string
  readonly options: ChannelOptions
  readonly send: Channel<Data>['send']
  readonly weight: number
  readonly frameChannel: FrameChannelOptions | null
  /** Cost of the held messages that came without credit. */
  unmetered = 0
  readonly #emitter = createEmitter<{ message: ChannelMessage<Data> }>()
  readonly #held = new Queue<Arrival<Data>>()
  readonly #readers = new Set<Reader<Data>>()
  #hasListener = false
  #isDraining = false
  #isClosed = false

  constructor(
    { label, options }: Pick<ChannelEnd<Data>, 'label' | 'options'>,
    send: (end: ChannelEnd<Data>, data: Data, options: SendOptions) => Promise<unknown> | null,
  ) {
    this.label = label
    this.options = options
    this.weight = weights[options.priority ?? 'low']
    this.frameChannel = frameChannelFor(label, options)
    this.send = async (data, sendOptions = {}) => {
      const sent = send(this, data, sendOptions)
      // Usually there is nothing to wait for; this saves a turn per message.
      if (sent !== null) await sent
    }
  }

  readonly on: On<{ message: ChannelMessage<Data> }> = (name, listener, options) => {
    this.#hasListener = true
    // The caller gets its unsubscribe function before the first message.
    queueMicrotask(() => this.#drain())
    return this.#emitter.on(name, listener, options)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChannelMessage<Data>, void, void> {
    const reader: Reader<Data> = { queue: new Queue(), wake: () => {} }
    this.#readers.add(reader)
    this.#drain()
    try {
      for (let next = await this.#next(reader); next; next = await this.#next(reader)) {
        yield next
      }
    } finally {
      this.#readers.delete(reader)
      const left = reader.queue.toArray()
      // The next reader continues where the last one stopped.
      if (this.#readers.size === 0 && !this.#hasListener) this.#held.prepend(left)
      else for (const { read } of left) read()
    }
  }

  receive(arrival: Arrival<Data>): void {
    this.#held.push(arrival)
    this.#drain()
  }

  /** No more messages will come: readers end once they have read what is queued. */
  close(): void {
    this.#isClosed = true
    for (const reader of this.#readers) reader.wake()
  }

  /** `null` at the end. */
  async #next(reader: Reader<Data>): Promise<ChannelMessage<Data> | null> {
    while (!(reader.queue.first || this.#isClosed)) {
      await new Promise<void>((resolve) => {
        reader.wake = resolve
      })
    }
    const next = reader.queue.shift()
    next?.done(null)
    next?.read()
    return next?.message ?? null
  }

  #drain(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    while (this.#hasListener || this.#readers.size > 0) {
      const arrival = this.#held.shift()
      if (!arrival) break
      this.#deliver(arrival)
    }
    this.#isDraining = false
  }

  /** A message counts as read once the slowest reader has taken it; listeners do not delay it. */
  #deliver({ message, done, read }: Arrival<Data>): void {
    this.#emitter.emit('message', message)
    if (this.#hasListener) done(null)
    let left = this.#readers.size
    const readOnce = () => {
      left -= 1
      if (left < 1) read()
    }
    for (const { queue, wake } of this.#readers) {
      queue.push({ message, done, read: readOnce })
      wake()
    }
    if (left === 0) read()
  }
}

/** Unordered and unreliable channels have a separate frame channel; `null` for others. */
const frameChannelFor = (label: string, options: ChannelOptions): FrameChannelOptions | null => {
  const { ordered = true } = options
  const { maxRetransmits = null, maxPacketLifeTime = null } = options
  if (ordered && maxRetransmits === null && maxPacketLifeTime === null) return null
  return { label: `c:${label}`, ordered, maxRetransmits, maxPacketLifeTime }
}
