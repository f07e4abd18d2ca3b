import { utf8 } from '../core/bytes.ts'
import { compareHostTerms, type HostTerm } from '../core/host-term.ts'
import { Queue } from '../core/queue.ts'
import { assemblyReserve, channelCredit, costOf, linkCredit } from './credit.ts'
import {
  channelRecord,
  dropRecord,
  type FrameWriter,
  frameBytes,
  hostFlag,
  lastFlag,
  moreRecord,
  startRecord,
  termRecord,
} from './frame.ts'
import { muxLabel } from './label.ts'
import type { Message, Outgoing } from './outgoing.ts'
import { maxHeadBytes } from './payload.ts'

/** The messages of one channel that wait for one peer. */
interface ChannelQueue {
  readonly items: Queue<Outgoing>
  /** The channel's number, fixed for the session. */
  readonly number: number
  /** Whether the channel was announced on this connection. */
  isAnnounced: boolean
  /** Bytes sent, divided by the channel's weight. The lowest goes next (stride scheduling). */
  pass: number
  /** Cost of the waiting messages. */
  cost: number
  /** Cost of the messages that were sent completely and are not reported as read. */
  unread: number
  /** Total cost that the other side reported as read. */
  read: number
  /** Messages that were withdrawn because the other side did not take them in time. */
  gap: number
}

export interface FillResult {
  /** Messages that end in the frame. */
  readonly finished: readonly Outgoing[]
  /** Messages that wait for the next block of their Blob. */
  readonly needingData: readonly Outgoing[]
}

/** Limits for one frame. */
export interface Space {
  /** Of the whole frame, in bytes. */
  readonly limit: number
  /** Whether only short, complete messages may be added. */
  readonly isShortOnly: boolean
  /** Whether nothing is acknowledged any more: messages that may be replaced wait. */
  readonly isStalled: boolean
}

/** The room that a fragment needs, so that its head and the announcement of its channel fit. */
const minSpaceBytes = maxHeadBytes + 512
const shortBytes = 1024

/** The messages that wait for one peer; decides which goes next. Pure: no I/O, no time. */
export class SendScheduler {
  /** The largest message that the other side accepts; 0 before its `hello`. */
  maxMessageBytes = 0
  readonly #queues = new Map<string, ChannelQueue>()
  /** The queues that are not empty. */
  readonly #busy = new Set<ChannelQueue>()
  /** Numbers of channels whose current message was cancelled midway. */
  #dropped: number[] = []
  #unread = 0
  /** Total size of the messages that have begun: the other side has to buffer them. */
  #begunBytes = 0
  #pass = 0
  #hostTerm: HostTerm = { epoch: 0, term: 0 }

  /** The cost of the messages that wait in this channel. */
  waitingCost(label: string): number {
    return this.#queueFor(label).cost
  }

  push(item: Outgoing): void {
    const queue = this.#queueFor(item.message.label)
    if (!queue.items.first) queue.pass = Math.max(queue.pass, this.#pass)
    this.#addWaiting(queue, item)
    queue.items.push(item)
  }

  /**
   * Counts a message to all as missed if the other side has stopped reading its channel: it does not
   * wait for a time limit of its own.
   */
  miss({ label, isForAll }: Message): 'timeout' | undefined {
    const queue = this.#queueFor(label)
    if (!isForAll || queue.gap === 0 || this.#canTake(queue)) return
    queue.gap += 1
    return 'timeout'
  }

  /** Counts a message that the other side did not take in time. */
  addGap(label: string): void {
    this.#queueFor(label).gap += 1
  }

  /** Returns and forgets the gaps of channels that the other side reads again. */
  takeGaps(): readonly (readonly [label: string, count: number])[] {
    const gaps: [string, number][] = []
    for (const [label, queue] of this.#queues) {
      if (queue.gap > 0 && this.#canTake(queue)) {
        gaps.push([label, queue.gap])
        queue.gap = 0
      }
    }
    return gaps
  }

  /** Removes a message; returns `false` if it was sent completely. */
  cancel(item: Outgoing): boolean {
    const queue = this.#queueFor(item.message.label)
    if (!queue.items.remove(item)) return false
    if (item.offset >= 0) this.#dropped.push(queue.number)
    this.#rewind(item)
    this.#removeWaiting(queue, item)
    return true
  }

  /** Starts on a new connection: channels are announced again, unfinished messages start again. */
  restart(): void {
    this.maxMessageBytes = 0
    this.#dropped = []
    this.#hostTerm = { epoch: 0, term: 0 }
    for (const queue of this.#queues.values()) {
      queue.isAnnounced = false
      const { first } = queue.items
      if (first) this.#rewind(first)
    }
  }

  /** Handles a `read` record; returns `false` if the total is invalid. */
  onRead(number: number, total: number): boolean {
    const queue = [...this.#queues.values()][number - 1]
    const cost = total - (queue?.read ?? 0)
    if (!queue || cost < 0 || cost > queue.unread) return false
    queue.read = total
    this.#addUnread(queue, -cost)
    return true
  }

  /** Requeues messages that did not arrive, before all others of their channels. */
  restore(items: readonly Outgoing[]): void {
    for (const item of items.toReversed()) {
      const queue = this.#queueFor(item.message.label)
      this.#addUnread(queue, -costOf(item.message.size))
      // Reported as failed: since then the application may have changed the bytes.
      if (item.result && !item.isAccepted) continue
      item.offset = -1
      this.#addWaiting(queue, item)
      queue.items.prepend([item])
    }
  }

  /** Resets the unread cost: the other side has started a new session. */
  resetUnread(): void {
    for (const queue of this.#queues.values()) {
      this.#addUnread(queue, -queue.unread)
      queue.read = 0
    }
  }

  /** All messages that were not sent completely. */
  waiting(): readonly Outgoing[] {
    return [...this.#busy].flatMap(({ items }) => items.toArray())
  }

  /** The messages of a channel of which nothing was sent. */
  unbegun(label: string): readonly Outgoing[] {
    return this.#queueFor(label)
      .items.toArray()
      .filter(({ offset }) => offset < 0)
  }

  /** Adds to the frame what goes next. Adds no message before the other side's `hello`. */
  fill(writer: FrameWriter, space: Space): FillResult {
    const { limit } = space
    const finished: Outgoing[] = []
    const needingData: Outgoing[] = []
    for (const number of this.#dropped.splice(0)) writer.record(dropRecord, number)
    while (this.maxMessageBytes > 0 && limit - writer.length > minSpaceBytes) {
      const queue = this.#pick(space, needingData)
      const item = queue?.items.first
      if (!queue || !item) break
      const before = writer.length
      if (this.#write(queue, item, { writer, limit })) finished.push(item)
      this.#pass = queue.pass
      queue.pass += (writer.length - before) / item.message.weight
    }
    return { finished, needingData }
  }

  /** Of the queues that can continue, the one with the lowest pass. */
  #pick(space: Space, needingData: Outgoing[]): ChannelQueue | null {
    let best: ChannelQueue | null = null
    for (const queue of this.#busy) {
      const { first } = queue.items
      if (!first || !this.#canSend(queue, first) || isHeldBack(first, space)) continue
      if (needsBlobData(first)) needingData.push(first)
      else if (!best || queue.pass < best.pass) best = queue
    }
    return best
  }

  /** The other side needs room to assemble the message, and credit for it. */
  #canSend(queue: ChannelQueue, { message, offset }: Outgoing): boolean {
    if (offset >= 0) return true
    const held = this.#begunBytes + message.size
    const hasSpace = held === message.size || held <= this.maxMessageBytes + assemblyReserve
    return hasSpace && (this.#canTake(queue) || message.label === muxLabel)
  }

  /** Whether the other side is there and has credit left for the channel. */
  #canTake({ unread }: ChannelQueue): boolean {
    const max = this.maxMessageBytes
    return max > 0 && unread < channelCredit && this.#unread < linkCredit + max
  }

  /** Returns whether it wrote the end of the message. */
  #write(queue: ChannelQueue, item: Outgoing, { writer, limit }: Destination): boolean {
    const { message, answerId } = item
    const { size, kind, isForHost, head } = message
    const isStart = item.offset < 0
    if (isStart) this.#begin(queue, item, writer)
    const hasHead = isStart && head
    const bytes = hasHead ? head : bytesOf(item, limit - writer.length - 64)
    if (!hasHead) item.offset += bytes.length
    const isLast = item.offset === size
    const flags = (isLast ? lastFlag : 0) | (isForHost ? hostFlag : 0)
    if (isStart) writer.record(startRecord | flags, queue.number, kind, answerId)
    else writer.record(moreRecord | flags, queue.number)
    writer.bytes(bytes)
    if (!isLast) return false
    queue.items.shift()
    this.#begunBytes -= size
    this.#removeWaiting(queue, item)
    this.#addUnread(queue, costOf(size))
    item.isSent = true
    return true
  }

  /** Writes the records that a message needs before it begins. */
  #begin(queue: ChannelQueue, item: Outgoing, writer: FrameWriter): void {
    const { label, hostTerm, size } = item.message
    item.offset = 0
    this.#begunBytes += size
    if (!queue.isAnnounced) {
      queue.isAnnounced = true
      writer.record(channelRecord, queue.number)
      writer.bytes(utf8(label))
    }
    if (compareHostTerms(hostTerm, this.#hostTerm) === 0) return
    this.#hostTerm = hostTerm
    writer.record(termRecord, hostTerm.epoch, hostTerm.term)
  }

  #rewind(item: Outgoing): void {
    if (item.offset < 0) return
    item.offset = -1
    this.#begunBytes -= item.message.size
  }

  #addUnread(queue: ChannelQueue, cost: number): void {
    queue.unread += cost
    this.#unread += cost
  }

  #addWaiting(queue: ChannelQueue, item: Outgoing): void {
    queue.cost += costOf(item.message.size)
    this.#busy.add(queue)
  }

  #removeWaiting(queue: ChannelQueue, item: Outgoing): void {
    queue.cost -= costOf(item.message.size)
    if (!queue.items.first) this.#busy.delete(queue)
  }

  #queueFor(label: string): ChannelQueue {
    let queue = this.#queues.get(label)
    if (!queue) {
      const number = this.#queues.size + 1
      const items = new Queue<Outgoing>()
      const totals = { pass: 0, cost: 0, unread: 0, read: 0, gap: 0 }
      queue = { items, number, isAnnounced: false, ...totals }
      this.#queues.set(label, queue)
    }
    return queue
  }
}

interface Destination {
  readonly writer: FrameWriter
  readonly limit: number
}

const isShort = ({ message, offset }: Outgoing): boolean => offset < 0 && message.size <= shortBytes

const isHeldBack = (item: Outgoing, { isShortOnly, isStalled }: Space): boolean =>
  (isShortOnly && !isShort(item)) || (isStalled && item.message.keepsLatest)

/** Whether the next block has to be read first: only the last fragment may be small. */
const needsBlobData = ({ message, offset, block }: Outgoing): boolean => {
  if (!(message.body instanceof Blob) || offset < 0) return false
  const needed = Math.min(message.size, offset + frameBytes)
  return !block || offset < block.at || needed > block.at + block.bytes.length
}

const bytesOf = ({ message, offset, block }: Outgoing, room: number): Uint8Array => {
  const { body } = message
  const source = body instanceof Blob ? block : { at: 0, bytes: body }
  return source?.bytes.subarray(offset - source.at).subarray(0, room) ?? new Uint8Array(0)
}
