import { utf8 } from '../core/bytes.ts'
import { compareReigns, type Reign } from '../core/host-term.ts'
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
  reignRecord,
  startRecord,
} from './frame.ts'
import { hubLabel } from './label.ts'
import type { Outgoing } from './outgoing.ts'
import { maxHeadBytes } from './payload.ts'

/** One channel's line to one peer. */
interface Lane {
  readonly items: Queue<Outgoing>
  /** As long as the peer keeps its session. */
  readonly number: number
  /** On this connection. */
  isAnnounced: boolean
  /** Bytes sent, divided by the lane's weight: the least goes next. */
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
  readonly hungry: readonly Outgoing[]
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
export class Outbox {
  /** What the other side takes; 0 before it has said so. */
  maxMessageBytes = 0
  readonly #lanes = new Map<string, Lane>()
  /** Those in which something waits. */
  readonly #busy = new Set<Lane>()
  /** Numbers of lanes whose message was taken back midway. */
  #dropped: number[] = []
  #unread = 0
  /** Sizes of messages that have begun: the other side has to hold that much. */
  #begunBytes = 0
  #pass = 0
  #reign: Reign = { epoch: 0, term: 0 }

  /** Each channel has a queue of its own: a large message keeps no small one of another waiting. */
  waitingCost(label: string): number {
    return this.#lane(label).cost
  }

  push(item: Outgoing): void {
    const lane = this.#lane(item.message.label)
    if (!lane.items.first) lane.pass = Math.max(lane.pass, this.#pass)
    this.#queue(lane, item)
    lane.items.push(item)
  }

  /** Takes back what was not sent whole. What was stays sent. */
  cancel(item: Outgoing): void {
    const lane = this.#lane(item.message.label)
    if (!lane.items.remove(item)) return
    if (item.offset >= 0) this.#dropped.push(lane.number)
    this.#unbegin(item)
    this.#unqueue(lane, item)
  }

  /** A connection is there: nothing is announced on it, and messages that had begun begin anew. */
  restart(): void {
    this.maxMessageBytes = 0
    this.#dropped = []
    this.#reign = { epoch: 0, term: 0 }
    for (const lane of this.#lanes.values()) {
      lane.isAnnounced = false
      const { first } = lane.items
      if (first) this.#unbegin(first)
    }
  }

  /** The application there has read so much of that channel, in all; `false`: that cannot be. */
  read(number: number, total: number): boolean {
    const lane = [...this.#lanes.values()][number - 1]
    const cost = total - (lane?.read ?? 0)
    if (!lane || cost < 0 || cost > lane.unread) return false
    lane.read = total
    this.#count(lane, -cost)
    return true
  }

  /** These did not arrive: they go again, before all else of their channels. */
  restore(items: readonly Outgoing[]): void {
    for (const item of items.toReversed()) {
      const lane = this.#lane(item.message.label)
      this.#count(lane, -costOf(item.message.size))
      item.offset = -1
      this.#queue(lane, item)
      lane.items.prepend([item])
    }
  }

  /** The other side has begun anew, and has read nothing yet. */
  forget(): void {
    for (const lane of this.#lanes.values()) {
      this.#count(lane, -lane.unread)
      lane.read = 0
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
    const hungry: Outgoing[] = []
    for (const number of this.#dropped.splice(0)) writer.record(dropRecord, number)
    while (this.maxMessageBytes > 0 && limit - writer.length > beginBytes) {
      const lane = this.#pick(isNarrow, hungry)
      const item = lane?.items.first
      if (!lane || !item) break
      const before = writer.length
      if (this.#write(lane, item, { writer, limit })) finished.push(item)
      this.#pass = lane.pass
      lane.pass += (writer.length - before) / item.message.weight
    }
    return { finished, hungry }
  }

  /** The lane that has had the least of those that can go on. */
  #pick(isNarrow: boolean, hungry: Outgoing[]): Lane | null {
    let best: Lane | null = null
    for (const lane of this.#busy) {
      const { first } = lane.items
      if (!first || !this.#mayGo(lane, first) || (isNarrow && !isShort(first))) continue
      if (isHungry(first)) hungry.push(first)
      else if (!best || lane.pass < best.pass) best = lane
    }
    return best
  }

  /** The other side must have room to put it together, and for what its application has not read. */
  #mayGo({ unread }: Lane, { message, offset }: Outgoing): boolean {
    if (offset >= 0) return true
    const held = this.#begunBytes + message.size
    const hasSpace = held === message.size || held <= this.maxMessageBytes
    const hasCredit = unread < channelCredit && this.#unread < linkCredit + this.maxMessageBytes
    return hasSpace && (hasCredit || message.label === hubLabel)
  }

  /** Whether it wrote the message's end. */
  #write(lane: Lane, item: Outgoing, { writer, limit }: Part): boolean {
    const { message, askId } = item
    const { size, kind, isForHost, head } = message
    const isStart = item.offset < 0
    if (isStart) this.#begin(lane, item, writer)
    const hasHead = isStart && head
    const bytes = hasHead ? head : bytesOf(item, limit - writer.length - 64)
    if (!hasHead) item.offset += bytes.length
    const isLast = item.offset === size
    const flags = (isLast ? lastFlag : 0) | (isForHost ? hostFlag : 0)
    if (isStart) writer.record(startRecord | flags, lane.number, kind, askId)
    else writer.record(moreRecord | flags, lane.number)
    writer.bytes(bytes)
    if (!isLast) return false
    lane.items.shift()
    this.#begunBytes -= size
    this.#unqueue(lane, item)
    this.#count(lane, costOf(size))
    item.isSent = true
    return true
  }

  /** What has to be said before a message begins. */
  #begin(lane: Lane, item: Outgoing, writer: FrameWriter): void {
    const { label, reign, size } = item.message
    item.offset = 0
    this.#begunBytes += size
    if (!lane.isAnnounced) {
      lane.isAnnounced = true
      writer.record(channelRecord, lane.number)
      writer.bytes(utf8(label))
    }
    if (compareReigns(reign, this.#reign) === 0) return
    this.#reign = reign
    writer.record(reignRecord, reign.epoch, reign.term)
  }

  #unbegin(item: Outgoing): void {
    if (item.offset < 0) return
    item.offset = -1
    this.#begunBytes -= item.message.size
  }

  #count(lane: Lane, cost: number): void {
    lane.unread += cost
    this.#unread += cost
  }

  #queue(lane: Lane, item: Outgoing): void {
    lane.cost += costOf(item.message.size)
    this.#busy.add(lane)
  }

  #unqueue(lane: Lane, item: Outgoing): void {
    lane.cost -= costOf(item.message.size)
    if (!lane.items.first) this.#busy.delete(lane)
  }

  #lane(label: string): Lane {
    let lane = this.#lanes.get(label)
    if (!lane) {
      const number = this.#lanes.size + 1
      const items = new Queue<Outgoing>()
      lane = { items, number, isAnnounced: false, pass: 0, cost: 0, unread: 0, read: 0 }
      this.#lanes.set(label, lane)
    }
    return lane
  }
}

interface Part {
  readonly writer: FrameWriter
  readonly limit: number
}

const isShort = ({ message, offset }: Outgoing): boolean => offset < 0 && message.size <= shortBytes

/** Whether its next bytes must be read first: no part may be small but the last. */
const isHungry = ({ message, offset, block }: Outgoing): boolean => {
  if (!(message.body instanceof Blob) || offset < 0) return false
  const needed = Math.min(message.size, offset + frameBytes)
  return !block || offset < block.at || needed > block.at + block.bytes.length
}

const bytesOf = ({ message, offset, block }: Outgoing, room: number): Uint8Array => {
  const { body } = message
  const source = body instanceof Blob ? block : { at: 0, bytes: body }
  return source?.bytes.subarray(offset - source.at).subarray(0, room) ?? new Uint8Array(0)
}
