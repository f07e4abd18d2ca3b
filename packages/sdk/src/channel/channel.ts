import type {
  Channel,
  ChannelMessage,
  ChannelOptions,
  On,
  SendOptions,
  SendOutcome,
} from '../api.ts'
import { createEmitter, listenerFailed, reportFailure } from '../base/emitter.ts'
import { isObject } from '../base/json.ts'
import { Queue } from '../core/queue.ts'
import { type FrameChannelOptions, separatePrefix } from '../link/link.ts'
import { Backlog } from './backlog.ts'

/** The outcome of a message; `null`: it was handled. */
export type Outcome =
  | 'not-host'
  | 'stale-term'
  | 'queue-full'
  | 'no-handler'
  | 'handler-failed'
  | null

/** A received message. */
export interface Arrival<Data> {
  readonly message: ChannelMessage<Data>
  /** The memory that it takes. */
  readonly cost: number
  /** Whether it must not be dropped: its sender counts it as handed over. */
  readonly isKept: boolean
  /** Reports the outcome to the sender; only the first call counts. */
  readonly done: (outcome: Outcome) => void
  /** Marks the message as read, which returns its credit to the sender. */
  readonly read: () => void
}

/** Relative shares of the link. */
const weights = { 'very-low': 1, low: 2, medium: 4, high: 8 }

interface ChannelSetup {
  readonly label: string
  readonly options: ChannelOptions
  /** Called once, when messages are dropped because nobody listens. */
  readonly dropped: () => void
}

/** A message in the queue of a reader, which may share it with others. */
interface ReaderItem<Data> {
  readonly message: ChannelMessage<Data>
  readonly take: () => void
  /** The reader ends without it. Returns the message if nobody else has taken it, or will. */
  readonly leave: () => Arrival<Data> | null
}

interface Reader<Data> {
  readonly queue: Queue<ReaderItem<Data>>
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
  /** Without a listener or reader: messages that may be dropped, and those that may not. */
  readonly #backlog: Backlog<Arrival<Data> & { readonly drop: () => void }>
  readonly #held = new Queue<Arrival<Data>>()
  readonly #readers = new Set<Reader<Data>>()
  /** There was a reader: the next one gets everything, and until then the senders wait. */
  #wasRead = false
  #isDraining = false
  #isClosed = false

  constructor(
    { label, options, dropped }: ChannelSetup,
    send: (
      end: ChannelEnd<Data>,
      data: Data,
      options: SendOptions,
    ) => SendOutcome | Promise<SendOutcome>,
  ) {
    this.label = label
    this.options = options
    this.weight = weights[options.priority ?? 'low']
    this.frameChannel = frameChannelFor(label, options)
    this.#backlog = new Backlog(dropped)
    this.send = async (data, sendOptions = {}) => {
      const sent = send(this, data, sendOptions)
      // Usually there is nothing to wait for; this saves a turn per message.
      return sent instanceof Promise ? await sent : sent
    }
  }

  readonly on: On<{ message: ChannelMessage<Data> }> = (name, listener, options) => {
    // The caller gets its unsubscribe function before the first message.
    queueMicrotask(() => this.#drain())
    return this.#emitter.on(name, listener, options)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChannelMessage<Data>, void, void> {
    const reader: Reader<Data> = { queue: new Queue(), wake: () => {} }
    this.#readers.add(reader)
    this.#wasRead = true
    this.#drain()
    try {
      for (let next = await this.#next(reader); next; next = await this.#next(reader)) {
        yield next
      }
    } finally {
      this.#readers.delete(reader)
      // The next reader or listener continues where the last reader stopped.
      const left = reader.queue.toArray().map(({ leave }) => leave())
      this.#held.prepend(left.filter((arrival) => arrival !== null))
      this.#drain()
    }
  }

  receive(arrival: Arrival<Data>): void {
    if (this.#isIdle && !this.#wasRead && !arrival.isKept) {
      // Credit goes back at once: nobody may ever listen, and that holds up no sender.
      arrival.read()
      this.#backlog.push({ ...arrival, read: () => {}, drop: () => arrival.done('no-handler') })
    } else this.#held.push(arrival)
    this.#drain()
  }

  /** No more messages will come: readers end once they have read what is queued. */
  close(): void {
    this.#isClosed = true
    for (const reader of this.#readers) reader.wake()
  }

  /** Nobody listens or reads. */
  get #isIdle(): boolean {
    return this.#readers.size === 0 && !this.#emitter.hasListeners
  }

  /** `null` at the end. */
  async #next(reader: Reader<Data>): Promise<ChannelMessage<Data> | null> {
    while (!(reader.queue.first || this.#isClosed)) {
      await new Promise<void>((resolve) => {
        reader.wake = resolve
      })
    }
    const next = reader.queue.shift()
    next?.take()
    return next?.message ?? null
  }

  #drain(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    while (!this.#isIdle) {
      const arrival = this.#backlog.shift() ?? this.#held.shift()
      if (!arrival) break
      this.#deliver(arrival)
    }
    this.#isDraining = false
  }

  /** A message counts as read once the slowest reader has taken it; listeners do not delay it. */
  #deliver(arrival: Arrival<Data>): void {
    const { message, done, read } = arrival
    const results = this.#emitter.emit('message', message)
    if (results.length > 0) onceHandled(results, done)
    let left = this.#readers.size
    let isTaken = results.length > 0
    const leave = () => {
      left -= 1
      if (left > 0) return null
      if (!isTaken) return arrival
      read()
      return null
    }
    const take = () => {
      isTaken = true
      done(null)
      leave()
    }
    const item: ReaderItem<Data> = { message, take, leave }
    for (const { queue, wake } of this.#readers) {
      queue.push(item)
      wake()
    }
    if (left === 0) read()
  }
}

/** Reports what became of a message, from what the listeners returned. */
const onceHandled = (results: readonly unknown[], done: (outcome: Outcome) => void): void => {
  const finish = (all: readonly unknown[]) =>
    done(all.includes(listenerFailed) ? 'handler-failed' : null)
  if (results.some((result) => isObject(result) && 'then' in result)) {
    const settled = results.map((result) => Promise.resolve(result).catch(reportFailure))
    void Promise.all(settled).then(finish)
  } else finish(results)
}

/** Unordered and unreliable channels have a separate frame channel; `null` for others. */
const frameChannelFor = (label: string, options: ChannelOptions): FrameChannelOptions | null => {
  const { ordered = true } = options
  const { maxRetransmits = null, maxPacketLifeTime = null } = options
  if (ordered && maxRetransmits === null && maxPacketLifeTime === null) return null
  return { label: separatePrefix + label, ordered, maxRetransmits, maxPacketLifeTime }
}
