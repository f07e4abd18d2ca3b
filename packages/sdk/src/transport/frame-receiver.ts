import { SkeinError } from '../base/errors.ts'
import type { HostTerm } from '../core/host-term.ts'
import { channelCredit, costOf, linkCredit } from './credit.ts'
import {
  ackRecord,
  channelRecord,
  dropRecord,
  FrameReader,
  type FrameWriter,
  frameVersion,
  helloRecord,
  hostFlag,
  lastFlag,
  readRecord,
  startRecord,
  termRecord,
} from './frame.ts'
import { maxChannels, maxLabelBytes, muxLabel } from './label.ts'
import { type Arrived, decodePayload, isBlobKind, maxHeadBytes } from './payload.ts'

/** A whole message of a peer. */
export interface Incoming {
  readonly label: string
  readonly data: unknown
  readonly bytes: number
  readonly hostTerm: HostTerm
  /** The answer that is asked for; 0 for none. */
  readonly askId: number
  readonly isForHost: boolean
  /** It is out of the way: the peer may send so much more. To be called once. */
  readonly read: () => void
}

export interface Hello {
  readonly maxMessageBytes: number
  /** Which session of mine it knows; 0 when it knows none. */
  readonly session: number
  /** What it has received in that. */
  readonly bytes: number
  /** It has lost what it knew of mine, if it knew anything. */
  readonly isAnew: boolean
}

/** What the frames of a peer say beside messages; `false` answers what cannot be. */
export interface FrameEvents {
  readonly hello: (hello: Hello) => boolean
  /** What it has received, in all. */
  readonly ack: (bytes: number) => boolean
  /** What the peer's application has read of a channel of mine, in all. */
  readonly read: (number: number, cost: number) => boolean
  /** So much was read here that the peer waits to hear of it. */
  readonly due: () => void
}

/** A message that is not at its end goes on by so much at least: no part is without headway. */
export const minPartBytes = 1024
/** A part up to here does not keep the frame that it came in. */
const copyBytes = 16 * 1024
/** Acknowledged at once after so much, so that the sender's window moves on. */
const ackBytes = 32 * 1024

interface Partial extends Pick<Incoming, 'hostTerm' | 'askId' | 'isForHost'> {
  readonly kind: number
  readonly parts: (Uint8Array<ArrayBuffer> | Blob)[]
  head: Uint8Array
  size: number
}

interface ReceivingChannel {
  readonly number: number
  readonly label: string
  partial: Partial | null
  unread: number
  /** In all, and what the peer was told of it on this connection. */
  read: number
  told: number
}

interface Part {
  readonly queue: ReceivingChannel
  readonly partial: Partial
  readonly isStart: boolean
  readonly isLast: boolean
}

/**
 * Reads the frames of one peer, who is not trusted: what breaks the rules is named and ends the
 * link. It holds no more than the bytes that came, and those within `maxBytes` and the credit.
 */
export class FrameReceiver {
  /** Of the peer; 0 before it has ever said hello. */
  session = 0
  /** It has said hello on this connection, as it must before all else. */
  isGreeted = false
  /** In this session, without each connection's first frame. */
  bytes = 0
  /** What is not acknowledged has waited long enough. */
  isLate = false
  readonly #maxBytes: number
  readonly #events: FrameEvents
  #queues = new Map<number, ReceivingChannel>()
  readonly #arrived: Incoming[] = []
  #hostTerm: HostTerm = { epoch: 0, term: 0 }
  #heldBytes = 0
  #unread = 0
  /** What the peer was not told of: parts of messages, bytes, and the cost of what was read. */
  #hasNews = false
  #newBytes = 0
  #newlyRead = 0

  constructor(maxBytes: number, events: FrameEvents) {
    this.#maxBytes = maxBytes
    this.#events = events
  }

  /** Whether the peer waits for word: at once (`true`), within a moment, or not at all (`null`). */
  get isDue(): boolean | null {
    const isNow =
      (this.isLate && this.#hasNews) ||
      this.#newBytes >= ackBytes ||
      this.#newlyRead >= channelCredit / 4
    return isNow || (this.#hasNews ? false : null)
  }

  /** The messages that are whole now; what the peer did wrong, in words, if it did. */
  receive(frame: Uint8Array<ArrayBuffer>): readonly Incoming[] | string {
    if (this.isGreeted) {
      this.bytes += frame.length
      this.#newBytes += frame.length
    }
    try {
      const reader = new FrameReader(frame)
      while (!reader.isAtEnd) this.#record(reader)
      return this.#arrived.splice(0)
    } catch (error) {
      return error instanceof SkeinError ? error.message : 'malformed frame'
    }
  }

  /** A connection is there: what had begun begins anew. */
  restart(): void {
    this.isGreeted = false
    this.#hostTerm = { epoch: 0, term: 0 }
    this.#heldBytes = 0
    // What was told may have been lost.
    this.#newlyRead = channelCredit
    for (const queue of this.#queues.values()) {
      queue.partial = null
      queue.told = 0
    }
  }

  /** Tells the peer what came. */
  acknowledge(writer: FrameWriter): void {
    writer.record(ackRecord, this.bytes)
    this.#newBytes = 0
    this.#hasNews = this.isLate = false
  }

  /** And what was read. */
  report(writer: FrameWriter, limit: number): void {
    this.acknowledge(writer)
    this.#newlyRead = 0
    for (const queue of this.#queues.values()) {
      if (queue.read === queue.told) continue
      // The rest goes with the next frame.
      if (writer.length > limit / 2) this.#newlyRead = channelCredit
      else {
        writer.record(readRecord, queue.number, queue.read)
        queue.told = queue.read
      }
    }
  }

  #record(reader: FrameReader): void {
    const head = reader.byte()
    const first = reader.number()
    const { ack, read } = this.#events
    const type = head & 15
    must((type === helloRecord) !== this.isGreeted, 'hello out of turn')
    if (type === helloRecord) this.#hello(first, reader)
    else if (type === channelRecord) this.#announce(first, reader.bytes())
    else if (type === termRecord) this.#hostTerm = { epoch: first, term: reader.number() }
    else if (type === ackRecord) must(ack(first), wrongCount)
    else if (type === readRecord) must(read(first, reader.number()), wrongCount)
    else this.#part(this.#queues.get(first), head, reader)
  }

  #hello(version: number, reader: FrameReader): void {
    must(version === frameVersion, 'frame of another version')
    const maxMessageBytes = reader.number()
    const session = reader.number()
    const known = this.session
    if (session !== known) {
      // It began anew, and counts from nothing.
      this.session = session
      this.#queues = new Map()
      this.bytes = this.#unread = 0
    }
    this.isGreeted = true
    const isAnew = known > 0 && known !== session
    const hello = { maxMessageBytes, isAnew, session: reader.number(), bytes: reader.number() }
    must(this.#events.hello(hello), wrongCount)
  }

  #announce(number: number, bytes: Uint8Array): void {
    const label = new TextDecoder().decode(bytes)
    const known = this.#queues.get(number)
    must(!known || known.label === label, 'channel of two labels')
    const hasRoom = this.#queues.size < maxChannels && bytes.length <= maxLabelBytes
    must(known || hasRoom, 'flood of channels')
    const queue = { number, label, partial: null, unread: 0, read: 0, told: 0 }
    if (!known) this.#queues.set(number, queue)
  }

  #part(queue: ReceivingChannel | undefined, head: number, reader: FrameReader): void {
    const type = head & 15
    const isStart = type === startRecord
    must(type < ackRecord, 'malformed frame')
    this.#hasNews = true
    if (!queue) throw violation('message without a channel')
    must(isStart === !queue.partial, 'message out of turn')
    const partial = queue.partial ?? this.#begin(queue, head, [reader.number(), reader.number()])
    queue.partial = partial
    if (type === dropRecord) this.#end(queue, partial)
    else this.#body({ queue, partial, isStart, isLast: (head & lastFlag) > 0 }, reader.bytes())
  }

  #body({ queue, partial, isStart, isLast }: Part, bytes: Uint8Array<ArrayBuffer>): void {
    // The first part of a Blob says what it is, and is none of its bytes.
    if (isStart && isBlobKind(partial.kind)) partial.head = bytes.slice(0, maxHeadBytes)
    else this.#add(partial, bytes, isStart && isLast)
    if (isLast) this.#finish(queue, partial)
    else must(isStart || bytes.length >= minPartBytes, 'message without headway')
  }

  #begin(
    { unread, label }: ReceivingChannel,
    head: number,
    [kind = 0, askId = 0]: readonly number[],
  ): Partial {
    const hasCredit = unread < channelCredit && this.#unread < linkCredit + this.#maxBytes
    must(hasCredit || label === muxLabel, 'message beyond its credit')
    const isForHost = (head & hostFlag) > 0
    const about = new Uint8Array(0)
    return { kind, askId, isForHost, hostTerm: this.#hostTerm, head: about, parts: [], size: 0 }
  }

  #add(partial: Partial, bytes: Uint8Array<ArrayBuffer>, isWhole: boolean): void {
    partial.size += bytes.length
    this.#heldBytes += bytes.length
    // However little the application takes, the muxes have words of their own.
    must(this.#heldBytes <= this.#maxBytes + minPartBytes, 'message larger than allowed')
    // A copy, as a part is a view of a whole frame; what is most of it, or whole at once, needs none.
    const part = isWhole || bytes.length > copyBytes ? bytes : bytes.slice()
    partial.parts.push(isBlobKind(partial.kind) ? new Blob([part]) : part)
  }

  #end(queue: ReceivingChannel, { size }: Partial): void {
    queue.partial = null
    this.#heldBytes -= size
  }

  #finish(queue: ReceivingChannel, partial: Partial): void {
    this.#end(queue, partial)
    const { label } = queue
    const { size: bytes } = partial
    const cost = costOf(bytes)
    queue.unread += cost
    this.#unread += cost
    const read = () => this.#read(queue, cost)
    this.#arrived.push({ ...partial, label, bytes, data: decoded(partial), read })
  }

  #read(queue: ReceivingChannel, cost: number): void {
    // Of a session that is over.
    if (this.#queues.get(queue.number) !== queue) return
    queue.unread -= cost
    queue.read += cost
    this.#unread -= cost
    this.#newlyRead += cost
    if (this.isDue) this.#events.due()
  }
}

const wrongCount = 'count of what was never sent'

const violation = (words: string, cause?: unknown) =>
  new SkeinError('bad-message', { message: words, cause })

/** A rule that a peer has to keep. */
const must = (isKept: unknown, words: string): void => {
  if (!isKept) throw violation(words)
}

const decoded = (arrived: Arrived): unknown => {
  try {
    return decodePayload(arrived)
  } catch (cause) {
    throw violation('message that is not of its kind', cause)
  }
}
