import { Queue } from '../core/queue.ts'
import { channelCredit } from '../transport/credit.ts'

/** A message that waits for a listener. */
export interface Waiting {
  /** The memory that it takes. */
  readonly cost: number
  /** Called if it is dropped. */
  readonly drop: () => void
}

/**
 * Messages that nobody listens to: as many of the newest as fit, so that they hold up no sender.
 * The newest stays, whatever its size.
 */
export class Backlog<Item extends Waiting> {
  readonly #items = new Queue<Item>()
  #cost = 0
  #report: () => void

  /** `report` is called once, when messages are dropped. */
  constructor(report: () => void) {
    this.#report = report
  }

  push(item: Item): void {
    this.#items.push(item)
    this.#cost += item.cost
    while (this.#cost > channelCredit && this.#items.size > 1) {
      this.shift()?.drop()
      this.#report()
      this.#report = () => {}
    }
  }

  shift(): Item | undefined {
    const item = this.#items.shift()
    this.#cost -= item?.cost ?? 0
    return item
  }
}
