import type { SkeinErrorCode } from '@skein/protocol'
import { type FrameChannel, mainLabel } from '../link/link.ts'
import type { Clock } from '../time/clock.ts'
import { BlobReader } from './blob-reader.ts'
import { release } from './buffer-pool.ts'
import { FrameWriter, frameBytes, frameVersion, helloRecord } from './frame.ts'
import { FrameReceiver, type Hello, type Incoming } from './frame-receiver.ts'
import { muxLabel } from './label.ts'
import { type Message, Outgoing } from './outgoing.ts'
import { SendScheduler } from './send-scheduler.ts'
import { SendWindow } from './send-window.ts'
import type { UnreliableChannels } from './unreliable-channels.ts'

export interface PeerTransportOptions {
  /** The largest message I take. */
  readonly maxMessageBytes: number
  readonly clock: Clock
  readonly random: () => number
  /** FrameChannel for what asks for less than the main one promises; `null` while that goes by it too. */
  readonly unreliable: (writer: FrameWriter) => UnreliableChannels | null
  /** Without credit for messages of unordered and unreliable channels. */
  readonly message: (message: Incoming, hasCredit: boolean) => void
  /** It broke the rules, in words. */
  readonly violated: (reason: string) => void
}

/** Shallow queues in the browser: deep ones make it drop packets, and make small messages wait. */
const highWaterBytes = 256 * 1024
/** What waits is handed over once there is so much, and else when the turn is over. */
const flushCost = 16 * 1024
/** So often the turn may go on by microtasks, with nothing sent, until it counts as over. */
const quietTicks = 4
/** What may wait for a peer in one channel, in cost. One message of any size may wait alone. */
const maxWaitingCost = 64 * 1024 * 1024
/** When less is left of the window it waits for more: small frames cost as much as large ones. */
const leastBytes = 16 * 1024
/** The share of the window that short messages may go beyond it. */
const reserve = 0.25
/** What came is acknowledged within so much, so that the sender may forget it. */
const ackMs = 50
/** An acknowledgement takes up to so much of a frame. */
const acknowledgementBytes = 32

/** Messages to and from one peer, for as long as its link: connections come and go beneath it. */
export class PeerTransport {
  readonly #options: PeerTransportOptions
  readonly #scheduler = new SendScheduler()
  readonly #receiver: FrameReceiver
  readonly #writer = new FrameWriter()
  readonly #asked = new Map<number, Outgoing>()
  readonly #reader: BlobReader
  readonly #session: number
  readonly #window = new SendWindow()
  #main: FrameChannel | null = null
  /** Of the connection of the moment. */
  #unreliable: UnreliableChannels | null = null
  #isReachable = true
  /** Since something was to be sent; 0 when nothing is. */
  #quietTicks = 0
  #askIds = 0
  #owesHello = false
  #cancelReport: (() => void) | null = null

  constructor(options: PeerTransportOptions) {
    this.#options = options
    this.#session = 1 + Math.floor(options.random() * 2 ** 48)
    this.#reader = new BlobReader((item, isRead) => {
      if (isRead) this.#schedulePump()
      // The file changed on disk, or is gone.
      else this.settle(item, 'bad-argument')
    })
    this.#receiver = new FrameReceiver(options.maxMessageBytes, {
      hello: (hello) => this.#onHello(hello),
      ack: (bytes) => this.#onAck(bytes),
      read: (number, cost) => this.#scheduler.read(number, cost),
      due: () => this.#schedulePump(),
    })
  }

  /** It may have a `result` already; else `onchange` tells. */
  send(message: Message, asksAnswer: boolean): Outgoing {
    const item = new Outgoing(message, asksAnswer ? ++this.#askIds : 0)
    const waiting = this.#scheduler.waitingCost(message.label)
    const rejection = this.#rejectionOf(message, waiting)
    if (rejection) {
      item.settle(rejection)
      return item
    }
    if (asksAnswer) this.#asked.set(item.askId, item)
    if (message.frameChannel && this.#sendUnreliably(item)) return item
    this.#scheduler.push(item)
    message.holders += 1
    // A Blob may yet turn out to be unreadable.
    const isSafe = message.isOwn && !(message.body instanceof Blob)
    if (isSafe && this.#scheduler.maxMessageBytes > 0 && waiting < highWaterBytes) item.take()
    if (waiting + message.size > flushCost) this.#pump()
    else this.#schedulePump()
    return item
  }

  /** Nobody waits for it any more: what was not handed over does not go. */
  settle(item: Outgoing, code: SkeinErrorCode | null): void {
    this.#asked.delete(item.askId)
    this.#scheduler.cancel(item)
    item.settle(code)
    this.#schedulePump()
  }

  /** The other end says what became of a message. */
  answered(id: unknown, code: SkeinErrorCode | null): void {
    const item = this.#asked.get(Number(id))
    if (item) this.settle(item, code)
  }

  opened(main: FrameChannel): void {
    this.#main = main
    main.ondrain = () => this.#pump()
    this.#receiver.restart()
    this.#scheduler.restart()
    this.#owesHello = true
    this.#pump()
  }

  interrupted(): void {
    this.#main = null
    this.#unreliable = null
  }

  frame(label: string, frame: Uint8Array<ArrayBuffer>): void {
    const { maxMessageBytes, message, violated } = this.#options
    const isMain = label === mainLabel
    // What comes by a carrier of its own stands alone, and is not counted.
    const receiver = isMain ? this.#receiver : new FrameReceiver(maxMessageBytes, nothingElse)
    receiver.isGreeted ||= !isMain
    const arrived = receiver.receive(frame)
    if (typeof arrived === 'string') violated(arrived)
    else for (const incoming of arrived) message(incoming, isMain)
    this.#cancelReport ??= this.#receiver.isDue === false ? this.#reportLater() : null
    this.#pump()
  }

  /** While the link counts as failed nothing begins to wait for it: `code` says why. */
  setReachable(isReachable: boolean, code: SkeinErrorCode = 'peer-unreachable'): void {
    this.#isReachable = isReachable
    if (isReachable) return
    const waiting = this.#scheduler.waiting().filter(({ isTaken }) => !isTaken)
    for (const item of new Set([...waiting, ...this.#asked.values()])) this.settle(item, code)
  }

  /** For good. How many messages were taken and may not have arrived, by channel. */
  close(code: SkeinErrorCode): ReadonlyMap<string, number> {
    this.setReachable(false, code)
    this.#main = null
    this.#cancelReport?.()
    const lost = new Map<string, number>()
    for (const { message, askId } of [...this.#window.items, ...this.#scheduler.waiting()]) {
      if (!askId) lost.set(message.label, (lost.get(message.label) ?? 0) + 1)
    }
    return lost
  }

  #sendUnreliably(item: Outgoing): boolean {
    this.#unreliable ??= this.#options.unreliable(this.#writer)
    return this.#unreliable?.send(item) ?? false
  }

  #rejectionOf({ size, label }: Message, waiting: number): SkeinErrorCode | undefined {
    const max = this.#scheduler.maxMessageBytes || size
    if (!this.#isReachable) return 'peer-unreachable'
    if (size > max && label !== muxLabel) return 'too-large'
    return waiting > 0 && waiting + size > maxWaitingCost ? 'queue-full' : undefined
  }

  #onHello({ maxMessageBytes, session, bytes, isAnew }: Hello): boolean {
    const window = this.#window
    const scheduler = this.#scheduler
    // One that does not know this session has received nothing of it.
    const isKnown = session === this.#session
    if (isKnown && !this.#onAck(bytes)) return false
    // What another session did before is unknown: nothing of that goes again.
    if (isAnew) this.#forgetSession()
    else scheduler.restore(window.items)
    window.restart(isKnown ? bytes : 0)
    scheduler.maxMessageBytes = maxMessageBytes
    for (const item of scheduler.waiting()) {
      const refusal = this.#rejectionOf(item.message, 0)
      if (refusal) this.settle(item, refusal)
    }
    return true
  }

  #forgetSession(): void {
    this.#scheduler.forget()
    // Whether it was handled, nobody there can say any more.
    for (const item of this.#asked.values()) if (item.isSent) this.settle(item, 'peer-unreachable')
  }

  /** What was not copied may be changed by its owner only now. */
  #onAck(bytes: number): boolean {
    const items = this.#window.acked(bytes, this.#options.clock.now())
    for (const item of items ?? []) {
      item.take()
      // Nothing of it goes to this peer again.
      release(item.message)
    }
    return items !== null
  }

  /** What is sent in one turn travels together, also when the turn waits for each `send`. */
  #schedulePump(): void {
    if (this.#quietTicks === 0) queueMicrotask(() => this.#tick())
    this.#quietTicks = 1
  }

  #tick(): void {
    this.#quietTicks += 1
    if (this.#quietTicks <= quietTicks) queueMicrotask(() => this.#tick())
    else {
      this.#quietTicks = 0
      this.#pump()
    }
  }

  #pump(): void {
    while (this.#main?.isOpen && this.#main.bufferedAmount < highWaterBytes) {
      if (!this.#pumpFrame(this.#main)) break
    }
  }

  /** `false` when there is nothing to send. */
  #pumpFrame(main: FrameChannel): boolean {
    const finished = this.#owesHello ? this.#writeHello() : this.#compose(main)
    const frame = this.#writer.finish()
    if (frame.length === 0) return false
    // The first frame is not counted: the other end may not have said yet how far it counts.
    if (finished) this.#window.sent(frame.length, finished, this.#options.clock.now())
    try {
      main.send(frame)
    } catch {
      // It closed under our feet; all of this goes again on the connection that replaces it.
      this.#main = null
    }
    for (const item of finished ?? []) if (item.message.isOwn) item.take()
    return true
  }

  #writeHello(): null {
    this.#owesHello = false
    const { maxMessageBytes } = this.#options
    const { session, bytes } = this.#receiver
    const numbers = [frameVersion, maxMessageBytes, this.#session, session, bytes]
    this.#writer.record(helloRecord, ...numbers)
    return null
  }

  /** Writes what goes next; gives the messages that it ends. */
  #compose(main: FrameChannel): readonly Outgoing[] {
    const receiver = this.#receiver
    const limit = Math.min(frameBytes, main.maxMessageSize) - acknowledgementBytes
    if (!receiver.isGreeted) return []
    if (receiver.isDue) receiver.report(this.#writer, limit)
    const finished = this.#fill(limit)
    if (this.#writer.length > 0 && receiver.isDue === false) receiver.acknowledge(this.#writer)
    return finished
  }

  #reportLater(): () => void {
    return this.#options.clock.after(ackMs, () => {
      this.#cancelReport = null
      this.#receiver.isLate = true
      this.#pump()
    })
  }

  #fill(max: number): readonly Outgoing[] {
    const { bytes, windowBytes } = this.#window
    const left = windowBytes - bytes
    if (left < -windowBytes * reserve) return []
    const isNarrow = left < leastBytes
    const limit = isNarrow ? max : Math.min(max, left)
    const { finished, needingData } = this.#scheduler.fill(this.#writer, { limit, isNarrow })
    for (const item of needingData) this.#reader.feed(item)
    return finished
  }
}

/** A carrier of one channel carries its messages, and no word about others. */
const nothingElse = { hello: () => false, ack: () => false, read: () => false, due: () => {} }
