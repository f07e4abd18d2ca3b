import { now } from './clock.ts'
import type { Pipe } from './contestant.ts'
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
  /** How often nothing came for longer than a stall. */
  readonly stalls: number
}

/** Longer than any packet loss that is mended at once. */
const stallMs = 100

/** Takes messages that must come whole, once and in order. */
export class Receiver {
  readonly done: Promise<Received>
  readonly #expected: Expected
  readonly #end = Promise.withResolvers<Received>()
  readonly #gaps = { firstAt: 0, lastAt: 0, longestGapMs: 0, stalls: 0 }
  #next = 0

  constructor(pipe: Pipe, expected: Expected) {
    this.done = this.#end.promise
    this.#expected = expected
    pipe.listen((message) => this.#take(message))
  }

  /** How many came so far; after the end, more than expected is a flaw. */
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
