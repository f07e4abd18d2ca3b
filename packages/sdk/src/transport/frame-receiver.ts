import { SkeinError } from '../base/errors.ts'
import type { HostTerm } from '../core/host-term.ts'
import { assemblyReserve, channelCredit, costOf, linkCredit } from './credit.ts'
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
  lowestFrameVersion,
  readRecord,
  startRecord,
  termRecord,
} from './frame.ts'
import { maxChannels, maxLabelBytes, muxLabel } from './label.ts'
import {
  decodePayload,
  type EncodedMessage,
  isBlobKind,
  maxBinaryBytes,
  maxHeadBytes,
} from './payload.ts'

/** A complete message from a peer. */
export interface Incoming {
  readonly label: string
  readonly data: unknown
  readonly kind: number
  readonly bytes: number
  readonly hostTerm: HostTerm
  /** Id of the requested answer; 0 if none is requested. */
  readonly answerId: number
  readonly isForHost: boolean
  /** Marks the message as read, which returns its credit to the peer. Call it once. */
  readonly read: () => void
}

export interface Hello {
  readonly maxMessageBytes: number
  /** The session of this side that the peer knows; 0 if none. */
  readonly session: number
  /** The bytes it has received in that session. */
  readonly bytes: number
  /** The peer has started a new session since the last connection. */
  readonly isNew: boolean
}

/** Handlers for records other than messages. They return `false` for invalid numbers. */
export interface FrameEvents {
  readonly hello: (hello: Hello) => boolean
  /** Total bytes that the peer has received. */
  readonly ack: (bytes: number) => boolean
  /** Total cost that the peer's application has read on a channel of this side. */
  readonly read: (number: number, cost: number) => boolean
  /** The application has read enough for a report to the peer. */
  readonly reportDue: () => void
  /** The messages of this peer take so many more bytes of memory; fewer, if negative. */
  readonly held: (bytes: number) => void
}

/** The smallest fragment, except the first and the last one of a message. */
const minFragmentBytes = 1024
/** Fragments up to this size are copied, so that they do not keep their whole frame in memory. */
const copyBytes = 16 * 1024
/** Unacknowledged bytes at which an `ack` is sent at once, so that the sender's window moves. */
const ackBytes = 32 * 1024

interface PartialMessage extends Pick<Incoming, 'hostTerm' | 'answerId' | 'isForHost'> {
  readonly kind: number
  readonly parts: (Uint8Array<ArrayBuffer> | Blob)[]
  head: Uint8Array
  size: number
}

interface ReceivingChannel {
  readonly number: number
  readonly label: string
  partial: PartialMessage | null
  unread: number
  /** Total cost read, and how much of it was reported on this connection. */
  read: number
  reported: number
}

/**
 * Reads the frames of one peer, which is not trusted: a violation is returned as its reason and ends
 * the link. Memory use is bounded by the bytes received, `maxBytes` and the credit.
 */
export class FrameReceiver {
  /** The peer's session; 0 before its first `hello`. */
  session = 0
  /** The peer has sent `hello` on this connection, which has to be the first record. */
  isReady = false
  /** Bytes received in this session, without the first frame of each connection. */
  bytes = 0
  /** The delay for sending an `ack` is over. */
  isOverdue = false
  readonly #maxBytes: number
  readonly #events: FrameEvents
  #channels = new Map<number, ReceivingChannel>()
  readonly #arrived: Incoming[] = []
  #hostTerm: HostTerm = { epoch: 0, term: 0 }
  #heldBytes = 0
  #unread = 0
  /** Not acknowledged yet: whether there are fragments, and bytes. */
  #hasFragments = false
  #unackedBytes = 0
  /** Cost read and not reported yet. */
  #unreportedCost = 0

  constructor(maxBytes: number, events: FrameEvents) {
    this.#maxBytes = maxBytes
    this.#events = events
  }

  /** Whether to send a report: now (`true`), soon (`false`) or not at all (`null`). */
  get isDue(): boolean | null {
    const isNow =
      (this.isOverdue && this.#hasFragments) ||
      this.#unackedBytes >= ackBytes ||
      this.#unreportedCost >= channelCredit / 4
    return isNow || (this.#hasFragments ? false : null)
  }

  /** Returns the messages that are complete now, or the reason if the peer broke the protocol. */
  receive(frame: Uint8Array<ArrayBuffer>): readonly Incoming[] | string {
    if (this.isReady) {
      this.bytes += frame.length
      this.#unackedBytes += frame.length
    }
    try {
      const reader = new FrameReader(frame)
      // A `hello` is alone in its frame; what follows the known numbers is of a later version.
      if (!this.isReady) this.#record(reader)
      else while (!reader.isAtEnd) this.#record(reader)
      return this.#arrived.splice(0)
    } catch (error) {
      return error instanceof SkeinError ? error.message : 'malformed frame'
    }
  }

  /** Starts on a new connection: unfinished messages start again. */
  restart(): void {
    this.isReady = false
    this.#hostTerm = { epoch: 0, term: 0 }
    // Earlier reports may have been lost.
    this.#unreportedCost = channelCredit
    for (const channel of this.#channels.values()) {
      if (channel.partial) this.#end(channel, channel.partial)
      channel.reported = 0
    }
  }

  /** Writes how many bytes arrived. */
  ack(writer: FrameWriter): void {
    writer.record(ackRecord, this.bytes)
    this.#unackedBytes = 0
    this.#hasFragments = this.isOverdue = false
  }

  /** Writes how many bytes arrived and how much was read. */
  report(writer: FrameWriter, limit: number): void {
    this.ack(writer)
    this.#unreportedCost = 0
    for (const channel of this.#channels.values()) {
      if (channel.read === channel.reported) continue
      // The rest fits in the next frame.
      if (writer.length > limit / 2) this.#unreportedCost = channelCredit
      else {
        writer.record(readRecord, channel.number, channel.read)
        channel.reported = channel.read
      }
    }
  }

  #record(reader: FrameReader): void {
    const head = reader.byte()
    const first = reader.number()
    const { ack, read } = this.#events
    const type = head & 15
    must((type === helloRecord) !== this.isReady, 'unexpected hello')
    if (type === helloRecord) this.#onHello(first, reader)
    else if (type === channelRecord) this.#onChannel(first, reader.bytes())
    else if (type === termRecord) this.#hostTerm = { epoch: first, term: reader.number() }
    else if (type === ackRecord) must(ack(first), invalidCount)
    else if (type === readRecord) must(read(first, reader.number()), invalidCount)
    else this.#onFragment(this.#channels.get(first), head, reader)
  }

  #onHello(lowest: number, reader: FrameReader): void {
    const highest = reader.number()
    must(lowest <= frameVersion && highest >= lowestFrameVersion, 'no common version')
    const maxMessageBytes = reader.number()
    const session = reader.number()
    const known = this.session
    if (session !== known) {
      // A new session counts from 0.
      this.session = session
      this.#channels = new Map()
      this.bytes = this.#unread = 0
    }
    this.isReady = true
    const isNew = known > 0 && known !== session
    const hello = {
      maxMessageBytes,
      isNew,
      session: reader.number(),
      bytes: reader.number(),
    }
    must(this.#events.hello(hello), invalidCount)
  }

  #onChannel(number: number, bytes: Uint8Array): void {
    const label = new TextDecoder().decode(bytes)
    const known = this.#channels.get(number)
    must(!known || known.label === label, 'channel label changed')
    const hasRoom = this.#channels.size < maxChannels && bytes.length <= maxLabelBytes
    must(known || hasRoom, 'too many channels')
    const channel = { number, label, partial: null, unread: 0, read: 0, reported: 0 }
    if (!known) this.#channels.set(number, channel)
  }

  #onFragment(channel: ReceivingChannel | undefined, head: number, reader: FrameReader): void {
    const type = head & 15
    const isStart = type === startRecord
    const isLast = (head & lastFlag) > 0
    must(type < ackRecord, 'malformed frame')
    this.#hasFragments = true
    must(channel, 'unknown channel')
    must(isStart === !channel.partial, 'unexpected fragment')
    const partial = channel.partial ?? this.#begin(channel, head, reader)
    channel.partial = partial
    if (type === dropRecord) {
      this.#end(channel, partial)
      return
    }
    const bytes = reader.bytes()
    // The first fragment of a Blob is its metadata, not content.
    if (isStart && isBlobKind(partial.kind)) partial.head = bytes.slice(0, maxHeadBytes)
    else this.#add(partial, bytes, isStart && isLast)
    if (isLast) this.#finish(channel, partial)
    else must(isStart || bytes.length >= minFragmentBytes, 'fragment too small')
  }

  #begin({ unread, label }: ReceivingChannel, head: number, reader: FrameReader): PartialMessage {
    const hasCredit = unread < channelCredit && this.#unread < linkCredit + this.#maxBytes
    must(hasCredit || label === muxLabel, 'credit exceeded')
    return {
      kind: reader.number(),
      answerId: reader.number(),
      isForHost: (head & hostFlag) > 0,
      hostTerm: this.#hostTerm,
      head: new Uint8Array(0),
      parts: [],
      size: 0,
    }
  }

  #add(partial: PartialMessage, bytes: Uint8Array<ArrayBuffer>, isWhole: boolean): void {
    partial.size += bytes.length
    this.#heldBytes += bytes.length
    this.#hold(partial.kind, bytes.length)
    const maxBytes = isBlobKind(partial.kind)
      ? this.#maxBytes
      : Math.min(this.#maxBytes, maxBinaryBytes)
    // The extra bytes leave room for control messages, however small `maxBytes` is.
    must(partial.size <= maxBytes + minFragmentBytes, tooLarge)
    must(this.#heldBytes <= this.#maxBytes + assemblyReserve, tooLarge)
    // A large fragment, or a complete message, may keep its frame; others are copied.
    const part = isWhole || bytes.length > copyBytes ? bytes : bytes.slice()
    partial.parts.push(isBlobKind(partial.kind) ? new Blob([part]) : part)
  }

  #end(channel: ReceivingChannel, partial: PartialMessage): void {
    channel.partial = null
    this.#heldBytes -= partial.size
    this.#hold(partial.kind, -partial.size)
  }

  #hold(kind: number, bytes: number): void {
    if (!isBlobKind(kind)) this.#events.held(bytes)
  }

  #finish(channel: ReceivingChannel, partial: PartialMessage): void {
    this.#end(channel, partial)
    const { label } = channel
    const { size: bytes } = partial
    const cost = costOf(bytes)
    channel.unread += cost
    this.#unread += cost
    const { kind, hostTerm, answerId, isForHost } = partial
    this.#hold(kind, cost)
    // Neither this nor the message may keep the parts: while it is unread, memory would count twice.
    const read = () => {
      this.#hold(kind, -cost)
      this.#onRead(channel, cost)
    }
    const data = decode(partial)
    this.#arrived.push({ label, data, kind, bytes, hostTerm, answerId, isForHost, read })
  }

  #onRead(channel: ReceivingChannel, cost: number): void {
    // The message is from an earlier session.
    if (this.#channels.get(channel.number) !== channel) return
    channel.unread -= cost
    channel.read += cost
    this.#unread -= cost
    this.#unreportedCost += cost
    if (this.isDue) this.#events.reportDue()
  }
}

const tooLarge = 'message too large'
const invalidCount = 'invalid ack count'

/** Throws unless the peer keeps the rule. */
const must: (isKept: unknown, reason: string) => asserts isKept = (isKept, message) => {
  if (!isKept) throw new SkeinError('bad-message', { message })
}

const decode = (message: EncodedMessage): unknown => {
  try {
    return decodePayload(message)
  } catch (cause) {
    throw new SkeinError('bad-message', { message: 'invalid content', cause })
  }
}
