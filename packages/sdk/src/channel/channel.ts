import type { Channel, ChannelMessage, ChannelOptions, On, SendOptions } from '../api.ts'
import { createEmitter } from '../base/emitter.ts'
import { Queue } from '../core/queue.ts'
import type { FrameChannelOptions } from '../link/link.ts'

/** What became of a message; `null`: it was handled. */
export type Outcome = 'not-host' | 'stale-term' | 'queue-full' | null

/** A message that has come. */
export interface Arrival<Data> {
  readonly message: ChannelMessage<Data>
  /** Tells its sender what became of it; the first word counts. */
  readonly done: (outcome: Outcome) => void
  /** Nobody here keeps it any more. */
  readonly read: () => void
}

/** Shares of the link. */
const weights = { 'very-low': 1, low: 2, medium: 4, high: 8 }

interface Reader<Data> {
  readonly queue: Queue<Arrival<Data>>
  wake: () => void
}

/** One channel as the application has it. What it holds is bounded by the credit of the senders. */
export class ChannelEnd<Data> implements Channel<Data> {
  readonly label: string
  readonly options: ChannelOptions
  readonly send: Channel<Data>['send']
  readonly weight: number
  readonly frameChannel: FrameChannelOptions | null
  /** What is held without credit, in cost. */
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
      // Nothing to wait for is the usual case: a turn less for each of a million messages.
      if (sent !== null) await sent
    }
  }

  readonly on: On<{ message: ChannelMessage<Data> }> = (name, listener, options) => {
    this.#hasListener = true
    // The caller has its `off` before the first message comes.
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
      // The next reader goes on where the last one stopped.
      if (this.#readers.size === 0 && !this.#hasListener) this.#held.prepend(left)
      else for (const { read } of left) read()
    }
  }

  arrived(arrival: Arrival<Data>): void {
    this.#held.push(arrival)
    this.#drain()
  }

  /** Nothing more will come: readers end when they have read what is there. */
  close(): void {
    this.#isClosed = true
    for (const reader of this.#readers) reader.wake()
  }

  /** `null` when nothing more will come. */
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
      this.#hand(arrival)
    }
    this.#isDraining = false
  }

  /** It is read when the slowest reader has it; listeners are never waited for. */
  #hand({ message, done, read }: Arrival<Data>): void {
    this.#emitter.emit('message', message)
    if (this.#hasListener) done(null)
    let left = this.#readers.size
    const readByOne = () => {
      left -= 1
      if (left < 1) read()
    }
    for (const { queue, wake } of this.#readers) {
      queue.push({ message, done, read: readByOne })
      wake()
    }
    if (left === 0) read()
  }
}

/** An unordered or unreliable channel has a carrier of its own; `null` for the others. */
const frameChannelFor = (label: string, options: ChannelOptions): FrameChannelOptions | null => {
  const { ordered = true } = options
  const { maxRetransmits = null, maxPacketLifeTime = null } = options
  if (ordered && maxRetransmits === null && maxPacketLifeTime === null) return null
  return { label: `c:${label}`, ordered, maxRetransmits, maxPacketLifeTime }
}
