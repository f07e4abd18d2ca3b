import { nextChunk } from '../core/chunks.ts'
import { Queue } from '../core/queue.ts'
import { compareReigns, type Reign } from '../core/reign.ts'
import { type FrameWriter, hostFlag, lastFlag, type NewRecord, recordTypes } from './frame.ts'
import { costOf, type Item, type Outgoing, type Reply } from './outgoing.ts'
import { maxHeadBytes } from './payload.ts'

/** One channel's line to one peer. */
interface Lane {
  readonly items: Queue<Item>
  /** Bytes sent, divided by the lane's weight: the least goes next. */
  pass: number
  /** Its number on this connection; 0 before it is announced. */
  number: number
}

export interface Filled {
  /** Messages whose last byte is in the frame. */
  readonly finished: readonly Item[]
  /** Messages that wait for bytes of their Blob. */
  readonly hungry: readonly Outgoing[]
}

/** What may wait for a peer, in bytes. A single message of any size may wait alone. */
const maxQueueCost: number = 64 * 1024 * 1024
/** Sent, but not known to have arrived: beyond it no other message begins. */
const maxUnconfirmedCost: number = 16 * 1024 * 1024
/** A message begins only where its head, and the announcement of its channel, have room. */
const beginBytes = maxHeadBytes + 512

/**
 * What waits for one peer, and what of it goes next. Pure: it moves no bytes and knows no time.
 * A message stays here until the peer is known to have it, so that it can go again on the
 * connection that replaces this one.
 */
export class Outbox {
  readonly #lanes = new Map<string | null, Lane>()
  readonly #controls = new Queue<NewRecord>()
  /** Handed over, not confirmed; in the order in which they were finished. */
  readonly #unconfirmed = new Queue<Item>()
  #confirmed = 0
  #waitingCost = 0
  #unconfirmedCost = 0
  /** Sizes of cut messages that have begun: the other side has to hold that much. */
  #begunBytes = 0
  #pass = 0
  #numbers = 0
  #reign: Reign = { epoch: 0, term: 0 }
  /** What the other side takes; 0 before it has said so. */
  maxMessageBytes = 0

  /** How many records wait that are not part of any message. */
  get controlCount(): number {
    return this.#controls.size
  }

  hasRoomFor(cost: number): boolean {
    return this.#waitingCost === 0 || this.#waitingCost + cost <= maxQueueCost
  }

  push(item: Outgoing | Reply): void {
    const lane = this.#lane(item)
    if (lane.items.size === 0) lane.pass = Math.max(lane.pass, this.#pass)
    lane.items.push(item)
    this.#waitingCost += costOf(item)
  }

  control(record: NewRecord): void {
    this.#controls.push(record)
  }

  /** Takes back what was not sent whole. What was stays sent. */
  cancel(item: Outgoing): void {
    const lane = this.#lane(item)
    if (!lane.items.remove(item)) return
    this.#waitingCost -= costOf(item)
    if (item.offset < 0) return
    this.#begunBytes -= item.message.size
    this.control({ type: recordTypes.drop, numbers: [lane.number] })
  }

  /** A connection is there: nothing is announced on it, and messages that had begun begin anew. */
  restart(): void {
    this.maxMessageBytes = 0
    this.#numbers = 0
    this.#begunBytes = 0
    this.#reign = { epoch: 0, term: 0 }
    this.#controls.clear()
    for (const lane of this.#lanes.values()) {
      lane.number = 0
      const { first } = lane.items
      if (first && !('record' in first)) first.offset = -1
    }
  }

  /** The other side has received so many messages; `false` when that cannot be. */
  confirm(count: number): boolean {
    if (count < this.#confirmed || count > this.#confirmed + this.#unconfirmed.size) return false
    for (; this.#confirmed < count; this.#confirmed += 1) {
      const item = this.#unconfirmed.shift()
      if (item) this.#unconfirmedCost -= costOf(item)
    }
    return true
  }

  /** What is not confirmed goes again, before all else. */
  replay(): void {
    const again = new Map<Lane, Item[]>()
    for (let item = this.#unconfirmed.shift(); item; item = this.#unconfirmed.shift()) {
      const lane = this.#lane(item)
      if (!('record' in item)) item.offset = -1
      again.set(lane, [...(again.get(lane) ?? []), item])
      this.#waitingCost += costOf(item)
    }
    this.#unconfirmedCost = 0
    for (const [lane, items] of again) lane.items.prepend(items)
  }

  /** The other side has begun anew and knows nothing of what came before. */
  forget(): void {
    this.#unconfirmed.clear()
    this.#unconfirmedCost = 0
    this.#confirmed = 0
  }

  /** Everything that was not sent whole. */
  waiting(): Outgoing[] {
    return [...this.#lanes.values()].flatMap(({ items }) =>
      items.toArray().filter((item): item is Outgoing => !('record' in item)),
    )
  }

  /**
   * Fills a frame of up to `limit` bytes with what goes next; leaves it empty when nothing can.
   * Before the other side has said what it takes (`maxMessageBytes`) no message begins.
   */
  fill(writer: FrameWriter, limit: number): Filled {
    const filled: { finished: Item[]; hungry: Outgoing[] } = { finished: [], hungry: [] }
    const hasRoom = () => limit - writer.length > beginBytes
    for (let record = this.#controls.first; record && hasRoom(); record = this.#controls.first) {
      writer.write(record)
      this.#controls.shift()
    }
    while (this.maxMessageBytes > 0 && hasRoom()) {
      const lane = this.#pick(filled.hungry)
      if (!lane) break
      const before = writer.length
      const item = this.#write({ lane, writer, limit })
      this.#pass = lane.pass
      lane.pass += (writer.length - before) / ('record' in item ? 16 : item.message.weight)
      if (lane.items.first !== item) filled.finished.push(item)
    }
    return filled
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

  #mayGo(item: Item): boolean {
    if ('record' in item) return true
    const { message, offset } = item
    if (offset >= 0) return true
    const isAlone =
      this.#begunBytes === 0 || this.#begunBytes + message.size <= this.maxMessageBytes
    return isAlone && this.#unconfirmedCost < maxUnconfirmedCost
  }

  #write({ lane, writer, limit }: { lane: Lane; writer: FrameWriter; limit: number }): Item {
    const item = lane.items.first
    if (!item) throw new Error('a lane that was picked has an item')
    if ('record' in item) writer.write(item.record)
    else if (!this.#writeChunk({ lane, item, writer, limit })) return item
    lane.items.shift()
    const cost = costOf(item)
    this.#unconfirmed.push(item)
    this.#unconfirmedCost += cost
    this.#waitingCost -= cost
    return item
  }

  /** Whether it was the last. */
  #writeChunk({ lane, item, writer, limit }: Chunk): boolean {
    const { message } = item
    const isBegin = item.offset < 0
    if (isBegin) {
      this.#begin(lane, item, writer)
      item.offset = 0
      this.#begunBytes += message.size
    }
    const { head } = isBegin ? message : { head: null }
    const room = head ? 0 : limit - writer.length - 64
    const { end, isLast } = nextChunk({ size: message.size, offset: item.offset }, room)
    const bytes = head ?? bytesOf(item, end)
    const isDone = head ? isLast : item.offset + bytes.length === message.size
    const flags = (isDone ? lastFlag : 0) | (message.isForHost ? hostFlag : 0)
    writer.write({ ...recordOf(item, lane, isBegin), flags, bytes })
    if (!head) item.offset += bytes.length
    if (isDone) this.#begunBytes -= message.size
    return isDone
  }

  /** What has to be said before a message begins. */
  #begin(lane: Lane, { message }: Outgoing, writer: FrameWriter): void {
    if (lane.number === 0) {
      this.#numbers += 1
      lane.number = this.#numbers
      const bytes = new TextEncoder().encode(message.label)
      writer.write({ type: recordTypes.channel, numbers: [lane.number], bytes })
    }
    if (compareReigns(message.reign, this.#reign) === 0) return
    this.#reign = message.reign
    const { epoch, term } = message.reign
    writer.write({ type: recordTypes.reign, numbers: [epoch, term] })
  }

  /** Replies have a lane of their own. */
  #lane(item: Item): Lane {
    const label = 'record' in item ? null : item.message.label
    let lane = this.#lanes.get(label)
    if (!lane) {
      lane = { items: new Queue(), pass: this.#pass, number: 0 }
      this.#lanes.set(label, lane)
    }
    return lane
  }
}

interface Chunk {
  readonly lane: Lane
  readonly item: Outgoing
  readonly writer: FrameWriter
  readonly limit: number
}

const recordOf = ({ message, askId }: Outgoing, lane: Lane, isBegin: boolean) => {
  const { number } = lane
  if (!isBegin) return { type: recordTypes.more, numbers: [number] }
  return askId === null
    ? { type: recordTypes.start, numbers: [number, message.kind] }
    : { type: recordTypes.ask, numbers: [number, message.kind, askId] }
}

/** Whether its next bytes must be read first. A head needs none. */
const isHungry = (item: Item): item is Outgoing => {
  if ('record' in item || item.message.body instanceof Uint8Array || item.offset < 0) return false
  const { block, offset, message } = item
  return (
    offset < message.size &&
    !(block && offset >= block.at && offset < block.at + block.bytes.length)
  )
}

const bytesOf = ({ message, offset, block }: Outgoing, end: number): Uint8Array => {
  const { body } = message
  const at = body instanceof Uint8Array ? 0 : (block?.at ?? 0)
  const bytes = body instanceof Uint8Array ? body : block?.bytes
  return bytes?.subarray(offset - at, end - at) ?? new Uint8Array(0)
}
