import type { SkeinErrorCode } from '@skein/protocol'
import { type FrameChannel, mainLabel, separatePrefix } from '../link/link.ts'
import type { Clock } from '../time/clock.ts'
import { BlobReader } from './blob-reader.ts'
import { release } from './buffer-pool.ts'
import { FrameWriter, frameBytes, frameVersion, helloRecord, lowestFrameVersion } from './frame.ts'
import { FrameReceiver, type Hello, type Incoming } from './frame-receiver.ts'
import { firstLabel, isForOthers, muxLabel } from './label.ts'
import { isLossy, type Message, Outgoing, settleReplaced } from './outgoing.ts'
import { SendScheduler } from './send-scheduler.ts'
import { SendWindow } from './send-window.ts'
import type { UnreliableChannels } from './unreliable-channels.ts'

export interface PeerTransportOptions {
  /** The largest message that this side accepts. */
  readonly maxMessageBytes: number
  readonly clock: Clock
  readonly random: () => number
  /** Separate frame channels; `null` until their code is loaded: the main channel is used instead. */
  readonly unreliable: (
    writer: FrameWriter,
    settle: (item: Outgoing, code: SkeinErrorCode | null) => void,
  ) => UnreliableChannels | null
  /** `hasCredit` is `false` for messages from separate frame channels. */
  readonly message: (message: Incoming, hasCredit: boolean) => void
  /** The peer reads a channel again, from which it misses `count` messages. */
  readonly gap: (label: string, count: number) => void
  /** Its messages take so many more bytes of memory; fewer, if negative. */
  readonly held: (bytes: number) => void
  /** The peer broke the protocol. */
  readonly violated: (reason: string) => void
}

/** Limit for the browser's send queue: a deep one makes it drop packets and delays small messages. */
const highWaterBytes = 256 * 1024
/** The waiting cost at which messages are flushed before the end of the turn. */
const flushCost = 16 * 1024
/** Microtasks without a send after which the turn counts as over. */
const maxQuietTicks = 4
/** Send queue limit per channel, in cost. A single message of any size may wait. */
const maxWaitingCost = 64 * 1024 * 1024
/** With less window left, only short messages go: small frames cost as much as large ones. */
const minFrameBytes = 16 * 1024
/** After this without an acknowledgement, only the newest state waits for the path to recover. */
const stalledMs = 500
/** The share of the window by which short messages may exceed it. */
const shortReserve = 0.25
/** The longest delay of an `ack`, after which the sender can release the messages. */
const ackMs = 50
/** When a frame that the platform has refused is tried again. */
const refusedMs = 50
/** The room that an `ack` takes in a frame. */
const maxAckBytes = 32

/** Messages to and from one peer. It lasts as long as the link, across connections. */
export class PeerTransport {
  readonly #options: PeerTransportOptions
  readonly #scheduler = new SendScheduler()
  readonly #receiver: FrameReceiver
  readonly #writer = new FrameWriter()
  readonly #awaitingAnswer = new Map<number, Outgoing>()
  readonly #reader: BlobReader
  readonly #session: number
  readonly #window = new SendWindow()
  #main: FrameChannel | null = null
  /** Separate frame channels of the current connection. */
  #unreliable: UnreliableChannels | null = null
  #isReachable = true
  /** Microtasks since the last send; 0 if no flush is scheduled. */
  #quietTicks = 0
  #lastAnswerId = 0
  #needsHello = false
  #cancelReport: (() => void) | null = null
  /** The frame that the platform has refused. */
  #refused: Uint8Array<ArrayBuffer> | null = null
  #cancelRetry: (() => void) | null = null

  constructor(options: PeerTransportOptions) {
    this.#options = options
    this.#session = 1 + Math.floor(options.random() * 2 ** 48)
    this.#reader = new BlobReader((item, isRead) => {
      if (isRead) this.#schedulePump()
      // The file was changed or deleted.
      else this.settle(item, 'bad-argument')
    })
    this.#receiver = new FrameReceiver(options.maxMessageBytes, {
      hello: (hello) => this.#onHello(hello),
      ack: (bytes) => this.#onAck(bytes),
      read: (number, cost) => this.#scheduler.onRead(number, cost) && this.#reportGaps(),
      reportDue: () => this.#schedulePump(),
      held: options.held,
    })
  }

  /** Queues a message. The item may already have a `result`; later changes call `onchange`. */
  send(message: Message, wantsAnswer: boolean): Outgoing {
    const item = new Outgoing(message, wantsAnswer ? ++this.#lastAnswerId : 0)
    const waiting = this.#scheduler.waitingCost(message.label)
    const rejection = this.#rejectionOf(message, waiting, true)
    if (rejection) {
      item.settle(rejection)
      return item
    }
    if (wantsAnswer) this.#awaitingAnswer.set(item.answerId, item)
    if (this.#isDiverted(item, waiting)) return item
    this.#enqueue(item)
    message.holders += 1
    // A Blob may turn out to be unreadable.
    const isSafe = message.isOwn && !(message.body instanceof Blob)
    if (isSafe && this.#scheduler.maxMessageBytes > 0 && waiting < highWaterBytes) item.accept()
    if (waiting + message.size > flushCost) this.#pump()
    else this.#schedulePump()
    return item
  }

  /** Ends a message with this result. It is cancelled unless it was sent completely. */
  readonly settle = (item: Outgoing, code: SkeinErrorCode | null): void => {
    this.#awaitingAnswer.delete(item.answerId)
    const { label } = item.message
    if (this.#scheduler.cancel(item) && code === 'timeout') this.#scheduler.addGap(label)
    item.settle(code)
    this.#reportGaps()
    this.#schedulePump()
  }

  /** Handles the answer to a message. */
  onAnswer(id: unknown, code: SkeinErrorCode | null): void {
    const item = this.#awaitingAnswer.get(Number(id))
    if (item) this.settle(item, code)
  }

  opened(main: FrameChannel): void {
    this.#main = main
    main.ondrain = () => this.#pump()
    this.#refused = null
    this.#receiver.restart()
    this.#scheduler.restart()
    this.#needsHello = true
    this.#pump()
  }

  interrupted(): void {
    this.#main = null
    for (const item of this.#unreliable?.takeHeld() ?? []) this.#enqueue(item)
    this.#unreliable = null
  }

  frame(label: string, frame: Uint8Array<ArrayBuffer>): void {
    const { maxMessageBytes, message } = this.#options
    const isMain = label === mainLabel
    // Each frame of a separate channel stands alone and is not counted.
    const receiver = isMain ? this.#receiver : new FrameReceiver(maxMessageBytes, noEvents)
    receiver.isReady ||= !isMain
    const received = receiver.receive(frame)
    // A separate channel carries the messages of one channel of the application.
    const own = label.slice(separatePrefix.length)
    const isOwn = (incoming: Incoming) => incoming.label === own && own >= firstLabel
    if (typeof received === 'string') this.violated(received)
    else if (!(isMain || received.every(isOwn))) this.violated('wrong channel')
    else for (const incoming of received) message(incoming, isMain)
    this.#cancelReport ??= this.#receiver.isDue === false ? this.#reportLater() : null
    this.#pump()
  }

  /** The peer has broken a rule: the link ends, and so do its unfinished messages. */
  violated(reason: string): void {
    this.#receiver.restart()
    this.#options.violated(reason)
  }

  /** Whether everything that was sent has arrived, or cannot arrive. */
  get isFlushed(): boolean {
    const left = [...this.#window.items, ...this.#scheduler.waiting()]
    return !this.#isReachable || left.every(({ message }) => isForOthers(message.label))
  }

  /** While the link is failed, waiting messages that were not accepted, and new ones, are rejected. */
  setReachable(isReachable: boolean, code: SkeinErrorCode = 'peer-unreachable'): void {
    this.#isReachable = isReachable
    if (isReachable) return
    const waiting = this.#scheduler.waiting().filter(({ isAccepted }) => !isAccepted)
    for (const item of new Set([...waiting, ...this.#awaitingAnswer.values()]))
      this.settle(item, code)
  }

  /** Closes for good. Returns, per channel, how many accepted messages may not have arrived. */
  close(code: SkeinErrorCode): ReadonlyMap<string, number> {
    this.setReachable(false, code)
    this.#main = null
    this.#cancelReport?.()
    this.#cancelRetry?.()
    const lost = new Map<string, number>()
    for (const { message, answerId } of [...this.#window.items, ...this.#scheduler.waiting()]) {
      if (!answerId) lost.set(message.label, (lost.get(message.label) ?? 0) + 1)
    }
    return lost
  }

  /** Sends or drops a message of an unreliable channel. Returns `false` if it has to be queued. */
  #isDiverted(item: Outgoing, waiting: number): boolean {
    const { frameChannel, keepsLatest } = item.message
    if (!frameChannel) return false
    this.#unreliable ??= this.#options.unreliable(this.#writer, this.settle)
    if (this.#unreliable?.send(item)) return true
    // In the queue it would be late rather than lost; only what is sent first waits for the link.
    const wasOpen = this.#scheduler.maxMessageBytes > 0
    const isLate = waiting > flushCost || (wasOpen && !this.#main)
    const isDropped = isLate && isLossy(frameChannel) && !keepsLatest
    if (isDropped) this.settle(item, 'queue-full')
    return isDropped
  }

  #enqueue(item: Outgoing): void {
    const { label, keepsLatest } = item.message
    const replaced = keepsLatest ? this.#scheduler.unbegun(label) : []
    for (const each of replaced) settleReplaced(each, this.settle)
    this.#scheduler.push(item)
  }

  #rejectionOf(message: Message, waiting: number, isNew = false): SkeinErrorCode | undefined {
    const { size, label } = message
    const max = this.#scheduler.maxMessageBytes || size
    if (!this.#isReachable) return 'peer-unreachable'
    if (size > max && label !== muxLabel) return 'too-large'
    if (waiting > 0 && waiting + size > maxWaitingCost) return 'queue-full'
    return isNew ? this.#scheduler.miss(message) : undefined
  }

  #onHello({ maxMessageBytes, session, bytes, isNew }: Hello): boolean {
    const window = this.#window
    const scheduler = this.#scheduler
    // A peer that does not know this session has received nothing of it.
    const isKnown = session === this.#session
    // On a connection that the peer has left meanwhile, it is out of date.
    const arrived = Math.max(bytes, window.acked)
    if (isKnown && !this.#onAck(arrived)) return false
    // Whether the old session handled the messages is unknown, so nothing is retransmitted.
    if (isNew) this.#onNewSession()
    else scheduler.restore(window.items)
    window.restart(isKnown ? arrived : 0)
    scheduler.maxMessageBytes = maxMessageBytes
    this.#reportGaps()
    for (const item of scheduler.waiting()) {
      const rejection = this.#rejectionOf(item.message, 0)
      if (rejection) this.settle(item, rejection)
    }
    return true
  }

  #reportGaps(): true {
    for (const gap of this.#scheduler.takeGaps()) this.#options.gap(...gap)
    return true
  }

  #onNewSession(): void {
    this.#scheduler.resetUnread()
    // The new session cannot tell whether these were handled.
    for (const item of this.#awaitingAnswer.values())
      if (item.isSent) this.settle(item, 'peer-unreachable')
  }

  /** Only now may the application change buffers that were not copied. */
  #onAck(bytes: number): boolean {
    const items = this.#window.onAck(bytes, this.#options.clock.now())
    for (const item of items ?? []) {
      item.accept()
      // It will not be retransmitted to this peer.
      release(item.message)
    }
    return items !== null
  }

  /** Batches what is sent in one turn, even if the application awaits each `send`. */
  #schedulePump(): void {
    if (this.#quietTicks === 0) queueMicrotask(() => this.#tick())
    this.#quietTicks = 1
  }

  #tick(): void {
    this.#quietTicks += 1
    if (this.#quietTicks <= maxQuietTicks) queueMicrotask(() => this.#tick())
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

  /** Returns `false` if there was nothing to send, or it could not be sent. */
  #pumpFrame(main: FrameChannel): boolean {
    const frame = this.#refused ?? this.#writeNext(main)
    if (frame.length === 0) return false
    try {
      main.send(frame)
      this.#refused = null
      return true
    } catch {
      // If the channel has just closed, all of this is retransmitted on the next connection.
      if (!main.isOpen) this.#main = null
      else this.#retryLater(frame)
      return false
    }
  }

  /** The platform has refused a frame on an open channel: its queue is full, or it is out of memory. */
  #retryLater(frame: Uint8Array<ArrayBuffer>): void {
    this.#refused ??= frame.slice()
    this.#cancelRetry ??= this.#options.clock.after(refusedMs, () => {
      this.#cancelRetry = null
      this.#pump()
    })
  }

  /** Writes the next frame; it is empty if there is nothing to send. */
  #writeNext(main: FrameChannel): Uint8Array<ArrayBuffer> {
    const finished = this.#needsHello ? this.#writeHello() : this.#writeFrame(main)
    const frame = this.#writer.finish()
    // The first frame is not counted: the other side's count may not be known yet.
    if (finished !== undefined && frame.length > 0) {
      this.#window.onSent(frame.length, finished, this.#options.clock.now())
    }
    for (const item of finished ?? []) if (item.message.isOwn) item.accept()
    return frame
  }

  #writeHello(): undefined {
    this.#needsHello = false
    const { maxMessageBytes } = this.#options
    const { session, bytes } = this.#receiver
    const versions = [lowestFrameVersion, frameVersion]
    this.#writer.record(helloRecord, ...versions, maxMessageBytes, this.#session, session, bytes)
  }

  /** Writes what goes next; returns the messages that end in the frame, `null` without fragments. */
  #writeFrame(main: FrameChannel): readonly Outgoing[] | null {
    const receiver = this.#receiver
    const limit = Math.min(frameBytes, main.maxMessageSize) - maxAckBytes
    if (!receiver.isReady) return null
    if (receiver.isDue) receiver.report(this.#writer, limit)
    const reported = this.#writer.length
    const finished = this.#fill(limit)
    const hasFragments = this.#writer.length > reported
    if (this.#writer.length > 0 && receiver.isDue === false) receiver.ack(this.#writer)
    return hasFragments ? finished : null
  }

  #reportLater(): () => void {
    return this.#options.clock.after(ackMs, () => {
      this.#cancelReport = null
      this.#receiver.isOverdue = true
      this.#pump()
    })
  }

  #fill(max: number): readonly Outgoing[] {
    const { bytes, windowBytes } = this.#window
    const left = windowBytes - bytes
    if (left < -windowBytes * shortReserve) return []
    const isShortOnly = left < minFrameBytes
    const limit = isShortOnly ? max : Math.min(max, left)
    const isStalled = this.#window.oldestAt < this.#options.clock.now() - stalledMs
    const space = { limit, isShortOnly, isStalled }
    const { finished, needingData } = this.#scheduler.fill(this.#writer, space)
    for (const item of needingData) this.#reader.feed(item)
    return finished
  }
}

/** Separate frame channels carry only messages. */
const noEvents = {
  hello: () => false,
  ack: () => false,
  read: () => false,
  reportDue: () => {},
  held: () => {},
}
