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
 * The newest stays, whatever its size, while there is room for it at all.
 */
export class Backlog<Item extends Waiting> {
  readonly #items = new Queue<Item>()
  /** The memory that all of them take. */
  cost = 0
  #report: () => void
  readonly #hasRoom: () => boolean

  /** `report` is called once, when messages are dropped; `hasRoom` is a limit over several backlogs. */
  constructor(report: () => void, hasRoom: () => boolean = () => true) {
    this.#report = report
    this.#hasRoom = hasRoom
  }

  push(item: Item): void {
    this.#items.push(item)
    this.cost += item.cost
    const isFull = () => this.cost > channelCredit && this.#items.size > 1
    while (isFull() || (this.#items.size > 0 && !this.#hasRoom())) {
      this.shift()?.drop()
      this.#report()
      this.#report = () => {}
    }
  }

  shift(): Item | undefined {
    const item = this.#items.shift()
    this.cost -= item?.cost ?? 0
    return item
  }
}
