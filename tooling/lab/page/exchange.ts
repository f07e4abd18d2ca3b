import { seededRandom } from '@skein/protocol/testing'
import type { Room } from '@skein/sdk'
import { type BreakKind, breakNow } from './breaks.ts'

/** Numbered messages in both directions between two tabs. */
export interface Exchange {
  readonly seed: number
  /** The number of messages each way. */
  readonly count: number
  /** Before it sends these numbers, the tab waits for `resume`. */
  readonly pauses: readonly number[]
  /** The connection breaks once `at` messages have arrived. */
  readonly breaks: readonly { readonly at: number; readonly kind: BreakKind }[]
}

/** How far an exchange has got. */
export interface Progress {
  sent: number
  /** Messages that arrived unchanged, on all channels together. */
  received: number
  broken: BreakKind[]
  isPaused: boolean
  failure: string | null
}

/** Channels; each keeps its own order. */
const labels = ['one', 'two', 'three']

type Content = { readonly number: number; readonly fill: string } | Uint8Array

/** Most are small; one in 200 spans several frames. A number always yields the same message. */
const contentOf = (seed: number, number: number): Content => {
  const random = seededRandom(seed + number)
  const size = Math.floor(random() < 0.005 ? 150_000 : 4 + random() ** 4 * 8_000)
  if (random() < 0.5) return { number, fill: 'x'.repeat(size) }
  const bytes = new Uint8Array(size).fill(number)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}

const numberOf = (data: Content): number =>
  data instanceof Uint8Array ? new DataView(data.buffer).getUint32(0) : data.number

const isEqual = (one: Content, other: Content): boolean => {
  if (!(one instanceof Uint8Array)) return JSON.stringify(one) === JSON.stringify(other)
  if (!(other instanceof Uint8Array)) return false
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}

/** One tab's side of an exchange. */
export class ExchangeRun {
  readonly progress: Progress = {
    sent: 0,
    received: 0,
    broken: [],
    isPaused: false,
    failure: null,
  }
  /** The numbers that arrived on each channel, in order. */
  readonly numbers: readonly number[][] = labels.map(() => [])
  readonly #room: Room
  readonly #plan: Exchange
  #breaks: Exchange['breaks']
  #resume = () => {}

  constructor(room: Room, plan: Exchange) {
    this.#room = room
    this.#plan = plan
    this.#breaks = plan.breaks
    for (const [index, label] of labels.entries()) {
      room.channel<Content>(label).on('message', ({ data }) => this.#receive(index, data))
    }
    this.#send().catch((error: unknown) => this.#fail(`a send failed: ${error}`))
  }

  resume(): void {
    this.progress.isPaused = false
    this.#resume()
  }

  #fail(failure: string): void {
    this.progress.failure ??= failure
  }

  #receive(index: number, data: Content): void {
    const { progress, numbers } = this
    const number = numberOf(data)
    if (!isEqual(data, contentOf(this.#plan.seed, number)))
      this.#fail(`message ${number} was changed`)
    numbers[index]?.push(number)
    progress.received += 1
    const [next] = this.#breaks
    if (!next || progress.received < next.at || !breakNow(next.kind)) return
    progress.broken.push(next.kind)
    this.#breaks = this.#breaks.slice(1)
  }

  /** Sends in batches of up to 64, awaited together. Some messages ask for an ack. */
  async #send(): Promise<void> {
    const { seed, count, pauses } = this.#plan
    const random = seededRandom(seed)
    while (this.progress.sent < count) {
      const first = this.progress.sent
      if (pauses.includes(first)) await this.#pause()
      const limit = pauses.find((pause) => pause > first) ?? count
      const end = Math.min(limit, first + 1 + Math.floor(random() * 64))
      const sends: Promise<unknown>[] = []
      for (let number = first; number < end; number += 1) {
        const channel = this.#room.channel<Content>(labels[number % labels.length] ?? '')
        sends.push(channel.send(contentOf(seed, number), { ack: random() < 0.05 }))
      }
      await Promise.all(sends)
      this.progress.sent = end
    }
  }

  #pause(): Promise<void> {
    this.progress.isPaused = true
    return new Promise((resolve) => {
      this.#resume = resolve
    })
  }
}
