import { utf8 } from '../core/bytes.ts'
import { compareHostTerms, type HostTerm } from '../core/host-term.ts'
import { Queue } from '../core/queue.ts'
import { channelCredit, costOf, linkCredit } from './credit.ts'
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
import type { Outgoing } from './outgoing.ts'
import { maxHeadBytes } from './payload.ts'

/** One channel's line to one peer. */
interface ChannelQueue {
  readonly items: Queue<Outgoing>
  /** As long as the peer keeps its session. */
  readonly number: number
  /** On this connection. */
  isAnnounced: boolean
  /** Bytes sent, divided by the queue's weight: the least goes next. */
  pass: number
  /** What waits in it. */
  cost: number
  /** What was sent whole and is not read, as far as the other side has said. */
  unread: number
  /** What the other side has read, in all. */
  read: number
}

export interface Filled {
  /** Messages whose last byte is in the frame. */
  readonly finished: readonly Outgoing[]
  /** Messages that wait for bytes of their Blob. */
  readonly needingData: readonly Outgoing[]
}

/** What may go into a frame. */
export interface Space {
  /** For the whole frame, in bytes. */
  readonly limit: number
  /** For what is short and whole alone. */
  readonly isNarrow: boolean
}

/** A part begins only where its head, and the announcement of its channel, have room. */
const beginBytes = maxHeadBytes + 512
const shortBytes = 1024

/** What waits for one peer, and what of it goes next. Pure: it moves no bytes and knows no time. */
export class SendScheduler {
  /** What the other side takes; 0 before it has said so. */
  maxMessageBytes = 0
  readonly #queues = new Map<string, ChannelQueue>()
  /** Those in which something waits. */
  readonly #busy = new Set<ChannelQueue>()
  /** Numbers of queues whose message was taken back midway. */
  #dropped: number[] = []
  #unread = 0
  /** Sizes of messages that have begun: the other side has to hold that much. */
  #begunBytes = 0
  #pass = 0
  #hostTerm: HostTerm = { epoch: 0, term: 0 }

  /** Each channel has a queue of its own: a large message keeps no small one of another waiting. */
  waitingCost(label: string): number {
    return this.#queueFor(label).cost
  }

  push(item: Outgoing): void {
    const queue = this.#queueFor(item.message.label)
    if (!queue.items.first) queue.pass = Math.max(queue.pass, this.#pass)
    this.#queue(queue, item)
    queue.items.push(item)
  }

  /** Takes back what was not sent whole. What was stays sent. */
  cancel(item: Outgoing): void {
    const queue = this.#queueFor(item.message.label)
    if (!queue.items.remove(item)) return
    if (item.offset >= 0) this.#dropped.push(queue.number)
    this.#unbegin(item)
    this.#unqueue(queue, item)
  }

  /** A connection is there: nothing is announced on it, and messages that had begun begin anew. */
  restart(): void {
    this.maxMessageBytes = 0
    this.#dropped = []
    this.#hostTerm = { epoch: 0, term: 0 }
    for (const queue of this.#queues.values()) {
      queue.isAnnounced = false
      const { first } = queue.items
      if (first) this.#unbegin(first)
    }
  }

  /** The application there has read so much of that channel, in all; `false`: that cannot be. */
  read(number: number, total: number): boolean {
    const queue = [...this.#queues.values()][number - 1]
    const cost = total - (queue?.read ?? 0)
    if (!queue || cost < 0 || cost > queue.unread) return false
    queue.read = total
    this.#count(queue, -cost)
    return true
  }

  /** These did not arrive: they go again, before all else of their channels. */
  restore(items: readonly Outgoing[]): void {
    for (const item of items.toReversed()) {
      const queue = this.#queueFor(item.message.label)
      this.#count(queue, -costOf(item.message.size))
      item.rewind()
      this.#queue(queue, item)
      queue.items.prepend([item])
    }
  }

  /** The other side has begun anew, and has read nothing yet. */
  forget(): void {
    for (const queue of this.#queues.values()) {
      this.#count(queue, -queue.unread)
      queue.read = 0
    }
  }

  /** Everything that was not sent whole. */
  waiting(): readonly Outgoing[] {
    return [...this.#busy].flatMap(({ items }) => items.toArray())
  }

  /**
   * Adds to a frame what goes next; nothing when nothing can. Before the other side has said what
   * it takes (`maxMessageBytes`) no message begins.
   */
  fill(writer: FrameWriter, { limit, isNarrow }: Space): Filled {
    const finished: Outgoing[] = []
    const needingData: Outgoing[] = []
    for (const number of this.#dropped.splice(0)) writer.record(dropRecord, number)
    while (this.maxMessageBytes > 0 && limit - writer.length > beginBytes) {
      const queue = this.#pick(isNarrow, needingData)
      const item = queue?.items.first
      if (!queue || !item) break
      const before = writer.length
      if (this.#write(queue, item, { writer, limit })) finished.push(item)
      this.#pass = queue.pass
      queue.pass += (writer.length - before) / item.message.weight
    }
    return { finished, needingData }
  }

  /** The queue that has had the least of those that can go on. */
  #pick(isNarrow: boolean, needingData: Outgoing[]): ChannelQueue | null {
    let best: ChannelQueue | null = null
    for (const queue of this.#busy) {
      const { first } = queue.items
      if (!first || !this.#mayGo(queue, first) || (isNarrow && !isShort(first))) continue
      if (needsBlobData(first)) needingData.push(first)
      else if (!best || queue.pass < best.pass) best = queue
    }
    return best
  }

  /** The other side must have room to put it together, and for what its application has not read. */
  #mayGo({ unread }: ChannelQueue, { message, offset }: Outgoing): boolean {
    if (offset >= 0) return true
    const held = this.#begunBytes + message.size
    const hasSpace = held === message.size || held <= this.maxMessageBytes
    const hasCredit = unread < channelCredit && this.#unread < linkCredit + this.maxMessageBytes
    return hasSpace && (hasCredit || message.label === muxLabel)
  }

  /** Whether it wrote the message's end. */
  #write(queue: ChannelQueue, item: Outgoing, { writer, limit }: Part): boolean {
    const { message, askId } = item
    const { size, kind, isForHost, head } = message
    const isStart = item.offset < 0
    if (isStart) this.#begin(queue, item, writer)
    const hasHead = isStart && head
    const bytes = hasHead ? head : bytesOf(item, limit - writer.length - 64)
    if (!hasHead) item.advance(bytes.length)
    const isLast = item.offset === size
    const flags = (isLast ? lastFlag : 0) | (isForHost ? hostFlag : 0)
    if (isStart) writer.record(startRecord | flags, queue.number, kind, askId)
    else writer.record(moreRecord | flags, queue.number)
    writer.bytes(bytes)
    if (!isLast) return false
    queue.items.shift()
    this.#begunBytes -= size
    this.#unqueue(queue, item)
    this.#count(queue, costOf(size))
    item.markSent()
    return true
  }

  /** What has to be said before a message begins. */
  #begin(queue: ChannelQueue, item: Outgoing, writer: FrameWriter): void {
    const { label, hostTerm, size } = item.message
    item.begin()
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

  #unbegin(item: Outgoing): void {
    if (item.offset < 0) return
    item.rewind()
    this.#begunBytes -= item.message.size
  }

  #count(queue: ChannelQueue, cost: number): void {
    queue.unread += cost
    this.#unread += cost
  }

  #queue(queue: ChannelQueue, item: Outgoing): void {
    queue.cost += costOf(item.message.size)
    this.#busy.add(queue)
  }

  #unqueue(queue: ChannelQueue, item: Outgoing): void {
    queue.cost -= costOf(item.message.size)
    if (!queue.items.first) this.#busy.delete(queue)
  }

  #queueFor(label: string): ChannelQueue {
    let queue = this.#queues.get(label)
    if (!queue) {
      const number = this.#queues.size + 1
      const items = new Queue<Outgoing>()
      queue = { items, number, isAnnounced: false, pass: 0, cost: 0, unread: 0, read: 0 }
      this.#queues.set(label, queue)
    }
    return queue
  }
}

interface Part {
  readonly writer: FrameWriter
  readonly limit: number
}

const isShort = ({ message, offset }: Outgoing): boolean => offset < 0 && message.size <= shortBytes

/** Whether its next bytes must be read first: no part may be small but the last. */
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
