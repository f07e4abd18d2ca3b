/** The version of the frames, said in `hello`. */
export const frameVersion = 1

/**
 * A frame is a row of records. A record is a head byte (low four bits its type, high four its
 * flags), the numbers of its type, then, for some, a length and bytes. @see LINKS.md
 */
export const recordTypes = {
  /** version, maxMessageBytes, session, session of the other or 0, messages received of it */
  hello: 0,
  /** number; label */
  channel: 1,
  /** epoch, term: of all messages that begin after it */
  reign: 2,
  /** number; bytes */
  more: 3,
  /** number, kind; bytes */
  start: 4,
  /** number, kind, id; bytes: an answer is asked for */
  ask: 5,
  /** id, outcome */
  answer: 6,
  /** number: the rest of the message that is under way will not come */
  drop: 7,
  /** 1 or 0: whether the sender needs this link */
  want: 8,
  /** messages received since the session began */
  received: 9,
} as const

/** How many numbers each type has, by its place; those with bytes are in `carriesBytes`. */
const numberCounts = [5, 1, 2, 1, 2, 3, 2, 1, 1, 1]
const carriesBytes: readonly number[] = [
  recordTypes.channel,
  recordTypes.more,
  recordTypes.start,
  recordTypes.ask,
]

/** The message ends with this record. */
export const lastFlag = 1
/** It is for the host, not for this peer. */
export const hostFlag = 2

/** More than any record takes beside its bytes. */
export const recordOverhead = 48

export interface FrameRecord {
  readonly type: number
  readonly flags: number
  readonly numbers: readonly number[]
  /** A view of the frame; empty where the type has none. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Writes records into one buffer, used anew for each frame. */
export class FrameWriter {
  #buffer = new Uint8Array(2048)
  length = 0

  write({ type, flags = 0, numbers, bytes }: NewRecord): void {
    this.#reserve(recordOverhead + (bytes?.length ?? 0))
    this.#buffer[this.length++] = type | (flags << 4)
    for (const number of numbers) this.#number(number)
    if (!bytes) return
    this.#number(bytes.length)
    this.#buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  /** The frame; the writer is empty again. */
  finish(): Uint8Array<ArrayBuffer> {
    const frame = this.#buffer.slice(0, this.length)
    this.length = 0
    return frame
  }

  #number(value: number): void {
    let rest = value
    while (rest > 127) {
      this.#buffer[this.length++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    this.#buffer[this.length++] = rest
  }

  #reserve(bytes: number): void {
    if (this.length + bytes <= this.#buffer.length) return
    const wider = new Uint8Array(Math.max(this.length + bytes, this.#buffer.length * 2))
    wider.set(this.#buffer)
    this.#buffer = wider
  }
}

/** A record to write. */
export interface NewRecord {
  readonly type: number
  readonly numbers: readonly number[]
  readonly flags?: number
  readonly bytes?: Uint8Array | null
}

/** The records of a frame that a peer sent; `null` when it is malformed. Never throws. */
export const decodeFrame = (frame: Uint8Array<ArrayBuffer>): readonly FrameRecord[] | null => {
  const cursor = { frame, at: 0 }
  const records: FrameRecord[] = []
  while (cursor.at < frame.length) {
    const record = readRecord(cursor)
    if (!record) return null
    records.push(record)
  }
  return records
}

interface Cursor {
  readonly frame: Uint8Array<ArrayBuffer>
  at: number
}

const readRecord = (cursor: Cursor): FrameRecord | null => {
  const head = cursor.frame[cursor.at++] ?? 0
  const type = head & 15
  const count = numberCounts[type]
  if (count === undefined) return null
  const numbers = Array.from({ length: count }, () => readNumber(cursor))
  const length = carriesBytes.includes(type) ? readNumber(cursor) : 0
  if (length + cursor.at > cursor.frame.length || [...numbers, length].includes(-1)) return null
  const bytes = cursor.frame.subarray(cursor.at, cursor.at + length)
  cursor.at += length
  return { type, flags: head >> 4, numbers, bytes }
}

/** -1 is no number: a byte short, or more than a number holds exactly. */
const readNumber = (cursor: Cursor): number => {
  let value = 0
  for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
    const byte = cursor.frame[cursor.at++]
    if (byte === undefined) return -1
    value += (byte & 127) * scale
    if (byte < 128) return Number.isSafeInteger(value) ? value : -1
  }
  return -1
}
