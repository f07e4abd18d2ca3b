import type { Reign } from '../core/reign.ts'
import {
  decodeFrame,
  type FrameRecord,
  frameVersion,
  hostFlag,
  lastFlag,
  nothing,
  recordTypes,
} from './frame.ts'
import { type Arrived, decodePayload, isBlobKind, maxHeadBytes } from './payload.ts'

/** A whole message of a peer. */
export interface Incoming {
  readonly label: string
  readonly data: unknown
  readonly bytes: number
  readonly reign: Reign
  /** The answer that is asked for; 0 for none. */
  readonly askId: number
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
}

/** Channels that a peer may announce on one connection. */
const maxChannels = 1024
export const maxLabelBytes = 128
/** A message that is not at its end goes on by so much at least: no part is without headway. */
export const minPartBytes = 1024

interface Partial {
  readonly about: Pick<Incoming, 'reign' | 'askId' | 'isForHost'> & Omit<Arrived, 'parts'>
  readonly parts: (Uint8Array<ArrayBuffer> | Blob)[]
  size: number
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

  constructor(maxBytes: number, events: InboxEvents) {
    this.#maxBytes = maxBytes
    this.#events = events
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
    const [first = 0, second = 0, session = 0, counted = 0, received = 0] = numbers
    if (type === recordTypes.channel) return this.#announce(first, bytes)
    if (type === recordTypes.hello) {
      if (first !== frameVersion) return 'frame of another version'
      this.#events.hello({ maxMessageBytes: second, session, counted, received })
    } else if (type === recordTypes.reign) this.#reign = { epoch: first, term: second }
    else {
      const lane = this.#lanes.get(first)
      return lane ? this.#part(lane, record) : 'message without a channel'
    }
    return null
  }

  #announce(number: number, bytes: Uint8Array): string | null {
    if (this.#lanes.size >= maxChannels || bytes.length > maxLabelBytes) return 'flood of channels'
    this.#lanes.set(number, { label: new TextDecoder().decode(bytes), partial: null })
    return null
  }

  #part(lane: Lane, record: FrameRecord): string | null {
    const { type, head, bytes } = record
    const isStart = type === recordTypes.start
    if (isStart === (lane.partial !== null)) return 'message out of turn'
    const partial = lane.partial ?? begin(record, this.#reign)
    const isOver = (head & lastFlag) > 0 || type === recordTypes.drop
    // The first part of a Blob says what it is, and is none of its bytes.
    const body = isStart && isBlobKind(partial.about.kind) ? nothing : bytes
    partial.size += body.length
    this.#heldBytes += body.length
    lane.partial = partial
    if (this.#heldBytes > this.#maxBytes) return 'message larger than allowed'
    add(partial, body, isStart && isOver)
    if (isOver) return this.#over(lane, partial, type)
    return isStart || bytes.length >= minPartBytes ? null : 'message without headway'
  }

  #over(lane: Lane, partial: Partial, type: number): string | null {
    lane.partial = null
    this.#heldBytes -= partial.size
    return type === recordTypes.drop ? null : this.#finish(lane, partial)
  }

  #finish({ label }: Lane, { about, parts, size: bytes }: Partial): string | null {
    let data: unknown
    try {
      data = decodePayload({ ...about, parts })
    } catch {
      return 'message that is not of its kind'
    }
    this.#events.message({ ...about, label, bytes, data })
    return null
  }
}

/** A copy, as a part is a view of a whole frame; what is whole at once needs none. */
const add = ({ about, parts }: Partial, body: Uint8Array<ArrayBuffer>, isWhole: boolean): void => {
  const part = isWhole ? body : body.slice()
  parts.push(isBlobKind(about.kind) ? new Blob([part]) : part)
}

const begin = ({ numbers, head, bytes }: FrameRecord, reign: Reign): Partial => {
  const [, kind = 0, askId = 0] = numbers
  const isForHost = (head & hostFlag) > 0
  const about = bytes.slice(0, isBlobKind(kind) ? maxHeadBytes : 0)
  return { about: { kind, askId, isForHost, reign, head: about }, parts: [], size: 0 }
}
