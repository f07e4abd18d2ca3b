import type { Channel, ChannelMessage, ChannelOptions, On, SendOptions } from '../api.ts'
import { Queue } from '../core/queue.ts'
import { createEmitter } from '../emitter.ts'

/** What became of a message; `null`: it was handled. */
export type Outcome = 'not-host' | 'stale-term' | 'queue-full' | null

/** A message that has come, and how its sender is told what became of it. */
export interface Arrival<Data> {
  readonly message: ChannelMessage<Data>
  readonly cost: number
  readonly done: (outcome: Outcome) => void
}

/** What is held for a channel that nobody reads yet, or not fast enough, in bytes. */
const maxHeldCost = 64 * 1024 * 1024

/** A line of arrivals with a bound. */
class Held<Data> {
  readonly #queue = new Queue<Arrival<Data>>()
  #cost = 0

  /** `false`: there is no room for it. One alone has always room. */
  push(arrival: Arrival<Data>): boolean {
    if (this.#cost > 0 && this.#cost + arrival.cost > maxHeldCost) return false
    this.#queue.push(arrival)
    this.#cost += arrival.cost
    return true
  }

  shift(): Arrival<Data> | undefined {
    const arrival = this.#queue.shift()
    this.#cost -= arrival?.cost ?? 0
    return arrival
  }
}

interface Reader<Data> {
  readonly held: Held<Data>
  wake: () => void
}

export interface ChannelPorts {
  readonly send: (data: unknown, options: SendOptions) => Promise<void>
  /** A message was dropped, because nobody read those before it. */
  readonly overflowed: () => void
}

/** One channel as the application has it. */
export class ChannelEnd<Data> implements Channel<Data> {
  readonly label: string
  readonly options: ChannelOptions
  readonly #ports: ChannelPorts
  readonly #emitter = createEmitter<{ message: ChannelMessage<Data> }>()
  readonly #held = new Held<Data>()
  readonly #readers = new Set<Reader<Data>>()
  #hasListener = false
  #isDraining = false
  #isClosed = false

  constructor(
    { label, options }: Pick<ChannelEnd<Data>, 'label' | 'options'>,
    ports: ChannelPorts,
  ) {
    this.label = label
    this.options = options
    this.#ports = ports
  }

  readonly send = (data: Data, options: SendOptions = {}): Promise<void> =>
    this.#ports.send(data, options)

  readonly on: On<{ message: ChannelMessage<Data> }> = (name, listener, options) => {
    this.#hasListener = true
    // The caller has its `off` before the first message comes.
    queueMicrotask(() => this.#drain())
    return this.#emitter.on(name, listener, options)
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ChannelMessage<Data>, void, void> {
    const reader: Reader<Data> = { held: new Held(), wake: () => {} }
    this.#readers.add(reader)
    this.#drain()
    try {
      for (;;) {
        const next = reader.held.shift()
        if (next) {
          next.done(null)
          yield next.message
        } else if (this.#isClosed) return
        else
          await new Promise<void>((resolve) => {
            reader.wake = resolve
          })
      }
    } finally {
      this.#readers.delete(reader)
    }
  }

  arrived(arrival: Arrival<Data>): void {
    if (this.#held.push(arrival)) this.#drain()
    else this.#refuse(arrival)
  }

  /** Nothing more will come: readers end when they have read what is there. */
  close(): void {
    this.#isClosed = true
    for (const reader of this.#readers) reader.wake()
  }

  #refuse(arrival: Arrival<Data>): void {
    arrival.done('queue-full')
    this.#ports.overflowed()
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

  #hand(arrival: Arrival<Data>): void {
    this.#emitter.emit('message', arrival.message)
    if (this.#hasListener) arrival.done(null)
    // The sender hears of the first reader that takes it, or that cannot.
    let { done } = arrival
    for (const reader of this.#readers) {
      const own = { ...arrival, done: this.#hasListener ? () => {} : done }
      done = () => {}
      if (reader.held.push(own)) reader.wake()
      else this.#refuse(own)
    }
  }
}
