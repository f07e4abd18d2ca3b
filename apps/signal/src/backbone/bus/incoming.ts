import type { ConnectionId } from '@skein/protocol'
import { type Item, writeItem } from './parcel.ts'

type Take = (to: ConnectionId, frame: Buffer) => boolean

/** Signals that come from one node: each once, in order. */
export class Incoming {
  readonly #take: Take
  #last: number | null = null
  #refused: number[] = []
  #hasNews = false

  constructor(take: Take) {
    this.#take = take
  }

  /** What was sent before will not come any more. */
  startFrom(serial: number): void {
    if (this.#last === null || this.#last < serial - 1) this.#last = serial - 1
  }

  receive({ serial, to, frame }: Extract<Item, { type: 'signal' }>): void {
    this.#hasNews = true
    // The first one that comes by is the first one there is: what was before it is being sent again.
    if (this.#last === null) this.#last = serial === 1 ? 0 : null
    if (this.#last === null || serial !== this.#last + 1) return
    this.#last = serial
    if (!this.#take(to, frame)) this.#refused.push(serial)
  }

  /** What to tell the sender; `null` when there is nothing new. */
  answer(): Buffer | null {
    if (!this.#hasNews || this.#last === null) return null
    this.#hasNews = false
    const refused = this.#refused
    // An answer may be lost: the last refusals are said once more.
    this.#refused = refused.slice(-keptRefusals)
    return writeItem({ type: 'ack', serial: this.#last, refused })
  }
}

const keptRefusals = 64
