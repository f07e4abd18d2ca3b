import { type ConnectionId, connectionId, type Millis } from '@skein/protocol'
import { writeItem } from './parcel.ts'

export interface OutgoingOptions {
  /** How long an answer may take before everything is sent again. */
  readonly againMs: Millis
  /** How long one signal is tried before it is given up. */
  readonly budgetMs: Millis
  readonly maxWaitingBytes: number
}

/** Signals on their way to one node: kept until it says that they came. */
export class Outgoing {
  readonly #options: OutgoingOptions
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #unsent: Buffer[] = []
  #serial = 0
  /** When something came of it last: a beginning, an answer, or another try. */
  #movedAt = 0

  constructor(options: OutgoingOptions) {
    this.#options = options
  }

  /** Resolves to whether it was taken. */
  add({ to, frame, from, now }: Signal): Promise<boolean> {
    if (this.#waitingBytes + frame.length > this.#options.maxWaitingBytes) {
      return Promise.resolve(false)
    }
    this.#serial += 1
    const serial = this.#serial
    const item = writeItem({ type: 'signal', serial, to, frame })
    this.#waitingBytes += item.length
    if (this.#waiting.length === 0) this.#movedAt = now
    this.#unsent.push(item)
    return new Promise((resolve) => {
      this.#waiting.push({ serial, item, from, resolve, until: now + this.#options.budgetMs })
    })
  }

  /** What has not been sent yet. */
  take(): readonly Buffer[] {
    const unsent = this.#unsent
    this.#unsent = []
    return unsent
  }

  /** Gives up what was tried for too long, and tells what has to be sent once more. */
  review(now: number): readonly Buffer[] {
    const before = this.#waiting.length
    while (this.#waiting[0] !== undefined && this.#waiting[0].until <= now) this.#drop(false)
    const hasGivenUp = this.#waiting.length < before
    const isStuck = this.#waiting.length > 0 && now - this.#movedAt >= this.#options.againMs
    if (!hasGivenUp && !isStuck) return []
    this.#movedAt = now
    this.#unsent = []
    // The other side must not wait for what was given up.
    const from = writeItem({ type: 'from', serial: this.#waiting[0]?.serial ?? this.#serial + 1 })
    return [from, ...this.#waiting.map(({ item }) => item)]
  }

  acknowledged({ serial, refused, now }: Answer): void {
    while (this.#waiting[0] !== undefined && this.#waiting[0].serial <= serial) {
      this.#movedAt = now
      this.#drop(!refused.includes(this.#waiting[0].serial))
    }
  }

  /** What was sent for that connection is not sent again: another of that number goes in its place. */
  cancelRetransmits(from: ConnectionId): void {
    const unsent = new Set(this.#unsent)
    for (const waiting of this.#waiting) {
      if (waiting.from !== from || unsent.has(waiting.item)) continue
      const item = writeItem({ ...forNobody, serial: waiting.serial })
      this.#waitingBytes += item.length - waiting.item.length
      waiting.item = item
    }
  }

  /** Nobody will take them any more. */
  close(): void {
    while (this.#waiting.length > 0) this.#drop(false)
    this.#unsent = []
  }

  #drop(isTaken: boolean): void {
    const first = this.#waiting.shift()
    if (first === undefined) return
    this.#waitingBytes -= first.item.length
    first.resolve(isTaken)
  }
}

interface Signal {
  readonly to: ConnectionId
  readonly from: ConnectionId
  readonly frame: Buffer
  readonly now: number
}

interface Answer {
  readonly serial: number
  readonly refused: readonly number[]
  readonly now: number
}

interface Waiting {
  readonly serial: number
  readonly from: ConnectionId
  item: Buffer
  readonly until: number
  readonly resolve: (isTaken: boolean) => void
}

const forNobody = { type: 'signal', to: connectionId(''), frame: Buffer.alloc(0) } as const
