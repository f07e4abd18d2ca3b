import { now } from './clock.ts'
import type { Transport } from './contestant.ts'
import { flawOf } from './payload.ts'

export interface Expected {
  readonly count: number
  readonly bytes: number
}

export interface Received {
  readonly firstAt: number
  readonly lastAt: number
  /** The longest time between two messages. */
  readonly longestGapMs: number
  /** How often the time between two messages was longer than a stall. */
  readonly stalls: number
}

/** Longer than the recovery of any single packet loss. */
const stallMs = 100

/** Receives messages, which must arrive complete, once and in order. */
export class Receiver {
  readonly done: Promise<Received>
  readonly #expected: Expected
  readonly #end = Promise.withResolvers<Received>()
  readonly #gaps = { firstAt: 0, lastAt: 0, longestGapMs: 0, stalls: 0 }
  #next = 0

  constructor(transport: Transport, expected: Expected) {
    this.done = this.#end.promise
    this.#expected = expected
    transport.listen((message) => this.#take(message))
  }

  /** How many have arrived; after the end, more than expected is an error. */
  get count(): number {
    return this.#next
  }

  #take(message: Uint8Array): void {
    this.#note(now())
    const flaw = flawOf(message, { number: this.#next, bytes: this.#expected.bytes })
    this.#next += 1
    if (flaw) this.#end.reject(new Error(flaw))
    else if (this.#next === this.#expected.count) this.#end.resolve(this.#gaps)
  }

  #note(at: number): void {
    const gaps = this.#gaps
    if (this.#next === 0) gaps.firstAt = at
    else {
      const gapMs = at - gaps.lastAt
      if (gapMs > gaps.longestGapMs) gaps.longestGapMs = gapMs
      if (gapMs > stallMs) gaps.stalls += 1
    }
    gaps.lastAt = at
  }
}
