import { seededRandom } from '@skein/protocol/testing'
import type { Room } from '@skein/sdk'
import { breakNow, type How } from './breaks.ts'

/** Numbered messages to the one other tab, while as many come from it. */
export interface Exchange {
  readonly seed: number
  /** So many each way. */
  readonly count: number
  /** Before it sends these numbers, the tab waits until it is told to go on. */
  readonly pauses: readonly number[]
  /** The connection breaks when so many messages have come. */
  readonly breaks: readonly { readonly at: number; readonly how: How }[]
}

/** How far it is. */
export interface Progress {
  sent: number
  /** How many are whole and as they were, on all channels together. */
  received: number
  broken: How[]
  isPaused: boolean
  failure: string | null
}

/** Each keeps an order of its own. */
const labels = ['one', 'two', 'three']

type Content = { readonly number: number; readonly fill: string } | Uint8Array

/** Most are small, one in two hundred spans frames. The same number is always the same message. */
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

const isSame = (one: Content, other: Content): boolean => {
  if (!(one instanceof Uint8Array)) return JSON.stringify(one) === JSON.stringify(other)
  if (!(other instanceof Uint8Array)) return false
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}

/** One tab's part of it. */
export class Exchanging {
  readonly progress: Progress = {
    sent: 0,
    received: 0,
    broken: [],
    isPaused: false,
    failure: null,
  }
  /** Channel by channel, in the order in which they came. */
  readonly numbers: readonly number[][] = labels.map(() => [])
  readonly #room: Room
  readonly #plan: Exchange
  #breaks: Exchange['breaks']
  #goOn = () => {}

  constructor(room: Room, plan: Exchange) {
    this.#room = room
    this.#plan = plan
    this.#breaks = plan.breaks
    for (const [index, label] of labels.entries()) {
      room.channel<Content>(label).on('message', ({ data }) => this.#came(index, data))
    }
    this.#send().catch((error: unknown) => this.#fail(`a send failed: ${error}`))
  }

  goOn(): void {
    this.progress.isPaused = false
    this.#goOn()
  }

  #fail(failure: string): void {
    this.progress.failure ??= failure
  }

  #came(index: number, data: Content): void {
    const { progress, numbers } = this
    const number = numberOf(data)
    if (!isSame(data, contentOf(this.#plan.seed, number))) this.#fail(`${number} is not as it was`)
    numbers[index]?.push(number)
    progress.received += 1
    const [next] = this.#breaks
    if (!next || progress.received < next.at || !breakNow(next.how)) return
    progress.broken.push(next.how)
    this.#breaks = this.#breaks.slice(1)
  }

  /** In rows of up to 64 that are not awaited one by one. Some ask for an answer. */
  async #send(): Promise<void> {
    const { seed, count, pauses } = this.#plan
    const random = seededRandom(seed)
    while (this.progress.sent < count) {
      const first = this.progress.sent
      if (pauses.includes(first)) await this.#paused()
      const border = pauses.find((pause) => pause > first) ?? count
      const end = Math.min(border, first + 1 + Math.floor(random() * 64))
      const sends: Promise<void>[] = []
      for (let number = first; number < end; number += 1) {
        const channel = this.#room.channel<Content>(labels[number % labels.length] ?? '')
        sends.push(channel.send(contentOf(seed, number), { ack: random() < 0.05 }))
      }
      await Promise.all(sends)
      this.progress.sent = end
    }
  }

  #paused(): Promise<void> {
    this.progress.isPaused = true
    return new Promise((resolve) => {
      this.#goOn = resolve
    })
  }
}
