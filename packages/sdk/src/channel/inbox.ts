import { Joiner } from '../core/chunks.ts'
import type { Reign } from '../core/reign.ts'
import {
  decodeFrame,
  type FrameRecord,
  frameVersion,
  hostFlag,
  lastFlag,
  recordTypes,
} from './frame.ts'
import { type Arrived, decodePayload, isBlobKind, maxHeadBytes } from './payload.ts'

/** A whole message of a peer. */
export interface Incoming {
  readonly label: string
  readonly data: unknown
  readonly bytes: number
  readonly reign: Reign
  readonly askId: number | null
  readonly isForHost: boolean
}

export interface Hello {
  readonly maxMessageBytes: number
  /** Random: another one means that the peer has begun anew. */
  readonly session: number
  /** Which session of mine it counted in; 0 when it knew none. */
  readonly counted: number
  readonly received: number
}

/** What the frames of a peer say, in order. */
export interface InboxEvents {
  readonly hello: (hello: Hello) => void
  readonly message: (message: Incoming) => void
  readonly answered: (id: number, outcome: number) => void
  readonly confirmed: (count: number) => void
  readonly wanted: (isWanted: boolean) => void
}

/** Channels that a peer may announce on one connection. */
const maxChannels = 1024
export const maxLabelBytes = 128

interface Partial {
  readonly kind: number
  readonly head: Uint8Array
  readonly joiner: Joiner<Arrived['blocks'][number]>
  readonly reign: Reign
  readonly askId: number | null
  readonly isForHost: boolean
}

interface Lane {
  readonly label: string
  partial: Partial | null
}

/**
 * Reads the frames of one carrier of one peer, who is not trusted: what breaks the rules is named
 * and ends the link. It holds no more than the bytes that came, and those within `maxBytes`.
 */
export class Inbox {
  readonly #maxBytes: number
  readonly #lanes = new Map<number, Lane>()
  readonly #events: InboxEvents
  #reign: Reign = { epoch: 0, term: 0 }
  #heldBytes = 0

  /** `label`: the channel of a carrier of its own, which announces none. */
  constructor({ maxBytes, label, events }: InboxOptions) {
    this.#maxBytes = maxBytes
    this.#events = events
    if (label !== null) this.#lanes.set(0, { label, partial: null })
  }

  /** What the peer did wrong, in words; `null` when all is well. */
  receive(frame: Uint8Array<ArrayBuffer>): string | null {
    const records = decodeFrame(frame)
    if (!records) return 'malformed frame'
    for (const record of records) {
      const wrong = this.#record(record)
      if (wrong) return wrong
    }
    return null
  }

  #record(record: FrameRecord): string | null {
    const { type, numbers, bytes } = record
    const { hello, answered, confirmed, wanted } = this.#events
    const [first = 0, second = 0, session = 0, counted = 0, received = 0] = numbers
    if (type === recordTypes.channel) return this.#announce(first, bytes)
    if (type === recordTypes.hello) {
      if (first !== frameVersion) return 'frame of another version'
      hello({ maxMessageBytes: second, session, counted, received })
    } else if (type === recordTypes.reign) this.#reign = { epoch: first, term: second }
    else if (type === recordTypes.answer) answered(first, second)
    else if (type === recordTypes.want) wanted(first === 1)
    else if (type === recordTypes.received) confirmed(first)
    else return this.#part(record)
    return null
  }

  #announce(number: number, bytes: Uint8Array): string | null {
    if (this.#lanes.has(number)) return 'channel announced twice'
    if (this.#lanes.size >= maxChannels) return 'too many channels'
    if (bytes.length > maxLabelBytes) return 'label too long'
    this.#lanes.set(number, { label: new TextDecoder().decode(bytes), partial: null })
    return null
  }

  #part(record: FrameRecord): string | null {
    const lane = this.#lanes.get(record.numbers[0] ?? -1)
    if (!lane) return 'unknown channel'
    if (record.type === recordTypes.drop) {
      this.#heldBytes -= lane.partial?.joiner.size ?? 0
      lane.partial = null
      return null
    }
    return record.type === recordTypes.more ? this.#more(lane, record) : this.#start(lane, record)
  }

  #start(lane: Lane, { numbers, flags, bytes }: FrameRecord): string | null {
    if (lane.partial) return 'message begun within another'
    const [, kind = 0, askId = null] = numbers
    const isBlob = isBlobKind(kind)
    const [head, body] = isBlob ? [bytes.slice(), nothing] : [nothing, bytes]
    if (head.length > maxHeadBytes) return 'head that is too long'
    const isForHost = (flags & hostFlag) !== 0
    const about = { kind, reign: this.#reign, askId, isForHost, head }
    // The common case, without a copy in between.
    if (flags & lastFlag) return this.#finish(lane, { ...about, blocks: [body] }, body.length)
    const joiner = new Joiner<Arrived['blocks'][number]>(
      isBlob ? (block) => new Blob([block]) : (block) => block,
    )
    lane.partial = { ...about, joiner }
    return this.#append(lane.partial, body)
  }

  #more(lane: Lane, { flags, bytes }: FrameRecord): string | null {
    const { partial } = lane
    if (!partial) return 'message goes on that never began'
    const isLast = (flags & lastFlag) !== 0
    if (bytes.length === 0 && !isLast) return 'message that makes no headway'
    const wrong = this.#append(partial, bytes)
    if (wrong || !isLast) return wrong
    const { size } = partial.joiner
    lane.partial = null
    this.#heldBytes -= size
    return this.#finish(lane, { ...partial, blocks: partial.joiner.finish() }, size)
  }

  #append({ joiner }: Partial, bytes: Uint8Array): string | null {
    this.#heldBytes += bytes.length
    if (this.#heldBytes > this.#maxBytes) return 'message larger than allowed'
    joiner.append(bytes)
    return null
  }

  #finish({ label }: Lane, arrived: Whole, bytes: number): string | null {
    if (bytes > this.#maxBytes) return 'message larger than allowed'
    let data: unknown
    try {
      data = decodePayload(arrived)
    } catch {
      // Whatever the reason, it is not what its kind says.
      return 'message that is not of its kind'
    }
    const { reign, askId, isForHost } = arrived
    this.#events.message({ label, data, bytes, reign, askId, isForHost })
    return null
  }
}

export interface InboxOptions {
  readonly maxBytes: number
  readonly label: string | null
  readonly events: InboxEvents
}

type Whole = Arrived & Pick<Partial, 'reign' | 'askId' | 'isForHost'>

const nothing = new Uint8Array(0)
