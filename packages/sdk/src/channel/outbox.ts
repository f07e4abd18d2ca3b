import { utf8 } from '../core/bytes.ts'
import { Queue } from '../core/queue.ts'
import { compareReigns, type Reign } from '../core/reign.ts'
import { type FrameWriter, hostFlag, lastFlag, recordTypes } from './frame.ts'
import { costOf, type Outgoing } from './outgoing.ts'
import { maxHeadBytes } from './payload.ts'

/** One channel's line to one peer. */
interface Lane {
  readonly items: Queue<Outgoing>
  /** Bytes sent, divided by the lane's weight: the least goes next. */
  pass: number
  /** Its number on this connection; 0 before it is announced. */
  number: number
  /** What waits in it, in bytes. */
  cost: number
}

export interface Filled {
  /** Messages whose last byte is in the frame. */
  readonly finished: readonly Outgoing[]
  /** Messages that wait for bytes of their Blob. */
  readonly hungry: readonly Outgoing[]
}

/** What may wait for a peer in one channel, in bytes. One message of any size may wait alone. */
const maxWaitingCost = 64 * 1024 * 1024
/** Sent, but not known to have arrived: beyond it no other message begins. */
const maxUnconfirmedCost = 16 * 1024 * 1024
/** A part begins only where its head, and the announcement of its channel, have room. */
const beginBytes = maxHeadBytes + 512
/** The largest frame: small ones keep the queue of the browser, and what waits in it, short. */
export const frameBytes: number = 64 * 1024

/**
 * What waits for one peer, and what of it goes next. Pure: it moves no bytes and knows no time.
 * A message stays here until the peer is known to have it, so that it can go again on the
 * connection that replaces this one.
 */
export class Outbox {
  /** What the other side takes; 0 before it has said so. */
  maxMessageBytes = 0
  readonly #lanes = new Map<string, Lane>()
  /** Handed over, not confirmed; in the order in which they were finished. */
  readonly #unconfirmed = new Queue<Outgoing>()
  /** Announced numbers of lanes whose message was taken back midway. */
  #dropped: number[] = []
  #confirmed = 0
  #unconfirmedCost = 0
  /** Sizes of messages that have begun: the other side has to hold that much. */
  #begunBytes = 0
  #pass = 0
  #numbers = 0
  #reign: Reign = { epoch: 0, term: 0 }

  /** Each channel has room of its own: a large message keeps no small one of another waiting. */
  hasRoomFor(size: number, label: string): boolean {
    const { cost } = this.#lane(label)
    return cost === 0 || cost + size <= maxWaitingCost
  }

  push(item: Outgoing): void {
    const lane = this.#lane(item.message.label)
    if (!lane.items.first) lane.pass = Math.max(lane.pass, this.#pass)
    lane.items.push(item)
    lane.cost += costOf(item)
  }

  /** Takes back what was not sent whole. What was stays sent. */
  cancel(item: Outgoing): void {
    const lane = this.#lane(item.message.label)
    if (!lane.items.remove(item)) return
    lane.cost -= costOf(item)
    if (item.offset < 0) return
    this.#begunBytes -= item.message.size
    this.#dropped.push(lane.number)
  }

  /** A connection is there: nothing is announced on it, and messages that had begun begin anew. */
  restart(): void {
    this.maxMessageBytes = 0
    this.#numbers = 0
    this.#begunBytes = 0
    this.#dropped = []
    this.#reign = { epoch: 0, term: 0 }
    for (const lane of this.#lanes.values()) {
      lane.number = 0
      if (lane.items.first) lane.items.first.offset = -1
    }
  }

  /** The other side has received so many messages; `false` when that cannot be. */
  confirm(count: number): boolean {
    const isPossible = count >= this.#confirmed && count <= this.#confirmed + this.#unconfirmed.size
    while (isPossible && this.#confirmed < count) {
      this.#confirmed += 1
      const item = this.#unconfirmed.shift()
      if (item) this.#unconfirmedCost -= costOf(item)
    }
    return isPossible
  }

  /** What is not confirmed goes again, before all else of its channel. */
  replay(): void {
    const items = this.#take()
    for (const item of items.reverse()) {
      item.offset = -1
      const lane = this.#lane(item.message.label)
      lane.items.prepend([item])
      lane.cost += costOf(item)
    }
  }

  /** The other side has begun anew and knows nothing of what came before. */
  forget(): void {
    this.#take()
    this.#confirmed = 0
  }

  /** Everything that was not sent whole. */
  waiting(): readonly Outgoing[] {
    return [...this.#lanes.values()].flatMap(({ items }) => items.toArray())
  }

  /**
   * Adds to a frame of up to `limit` bytes what goes next; nothing when nothing can. Before the
   * other side has said what it takes (`maxMessageBytes`) no message begins.
   */
  fill(writer: FrameWriter, limit: number): Filled {
    const finished: Outgoing[] = []
    const hungry: Outgoing[] = []
    for (const number of this.#dropped.splice(0)) writer.write(recordTypes.drop, [number])
    while (this.maxMessageBytes > 0 && limit - writer.length > beginBytes) {
      const lane = this.#pick(hungry)
      const item = lane?.items.first
      if (!lane || !item) break
      const before = writer.length
      if (this.#write({ lane, item, writer, limit })) finished.push(item)
      this.#pass = lane.pass
      lane.pass += (writer.length - before) / item.message.weight
    }
    return { finished, hungry }
  }

  /** The lane that has had the least of those that can go on. */
  #pick(hungry: Outgoing[]): Lane | null {
    let best: Lane | null = null
    for (const lane of this.#lanes.values()) {
      const { first } = lane.items
      if (!first || !this.#mayGo(first)) continue
      if (isHungry(first)) hungry.push(first)
      else if (!best || lane.pass < best.pass) best = lane
    }
    return best
  }

  #mayGo({ message, offset }: Outgoing): boolean {
    const held = this.#begunBytes + message.size
    const hasSpace = held === message.size || held <= this.maxMessageBytes
    return offset >= 0 || (hasSpace && this.#unconfirmedCost < maxUnconfirmedCost)
  }

  /** Whether it wrote the message's end. */
  #write({ lane, item, writer, limit }: Part): boolean {
    const { message, askId } = item
    const { size, kind, isForHost } = message
    const isStart = item.offset < 0
    if (isStart) this.#begin(lane, item, writer)
    const head = isStart ? message.head : null
    const bytes = head ?? bytesOf(item, limit - writer.length - 64)
    if (!head) item.offset += bytes.length
    const isLast = item.offset === size
    const flags = (isLast ? lastFlag : 0) | (isForHost ? hostFlag : 0)
    if (isStart) writer.write(recordTypes.start | flags, [lane.number, kind, askId], bytes)
    else writer.write(recordTypes.more | flags, [lane.number], bytes)
    if (!isLast) return false
    lane.items.shift()
    this.#begunBytes -= size
    lane.cost -= costOf(item)
    this.#unconfirmed.push(item)
    this.#unconfirmedCost += costOf(item)
    return true
  }

  /** What has to be said before a message begins. */
  #begin(lane: Lane, item: Outgoing, writer: FrameWriter): void {
    const { label, reign, size } = item.message
    item.offset = 0
    this.#begunBytes += size
    if (lane.number === 0) {
      this.#numbers += 1
      lane.number = this.#numbers
      writer.write(recordTypes.channel, [lane.number], utf8(label))
    }
    if (compareReigns(reign, this.#reign) === 0) return
    this.#reign = reign
    writer.write(recordTypes.reign, [reign.epoch, reign.term])
  }

  #take(): Outgoing[] {
    const items = this.#unconfirmed.toArray()
    this.#unconfirmed.clear()
    this.#unconfirmedCost = 0
    return items
  }

  #lane(label: string): Lane {
    let lane = this.#lanes.get(label)
    if (!lane) {
      lane = { items: new Queue(), pass: 0, number: 0, cost: 0 }
      this.#lanes.set(label, lane)
    }
    return lane
  }
}

interface Part {
  readonly lane: Lane
  readonly item: Outgoing
  readonly writer: FrameWriter
  readonly limit: number
}

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
