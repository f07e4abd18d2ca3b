/** The frame versions that this side speaks. Two sides use the highest that both do. */
export const frameVersion = 3
export const lowestFrameVersion = 3

/** The largest frame. Small frames keep the send queue of the browser short. */
export const frameBytes: number = 64 * 1024

/**
 * A frame is a sequence of records. A record is a head byte (low four bits: type, high four: flags),
 * the numbers of its type and, for some types, a length and bytes. @see LINKS.md
 *
 * `hello`: lowest and highest version, maxMessageBytes, session, known session of the other side or
 * 0, bytes received in that session
 */
export const helloRecord = 0
/** number; label */
export const channelRecord = 1
/** epoch, term: the host term of all messages that begin after it */
export const termRecord = 2
/** number; bytes */
export const moreRecord = 3
/** number, kind, id of the requested answer or 0; bytes */
export const startRecord = 4
/** number: the rest of the current message will not come */
export const dropRecord = 5
/** bytes received in the other side's session */
export const ackRecord = 6
/** number, cost of all messages that were read on that channel of the other side */
export const readRecord = 7

/** The message ends with this record. */
export const lastFlag = 16
/** The message is for the host role, not for this peer. */
export const hostFlag = 32

/** Writes records into one buffer, which it reuses for each frame. */
export class FrameWriter {
  readonly #buffer = new Uint8Array(frameBytes)
  length = 0

  /** Appends a record. `head` is the type plus flags. */
  record(head: number, ...numbers: readonly number[]): void {
    this.#buffer[this.length++] = head
    for (const number of numbers) this.#number(number)
  }

  bytes(bytes: Uint8Array): void {
    this.#number(bytes.length)
    this.#buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Returns a view of the frame, valid until the next write, and starts a new frame. */
  finish(): Uint8Array<ArrayBuffer> {
    const { length } = this
    this.length = 0
    return this.#buffer.subarray(0, length)
  }

  #number(number: number): void {
    let rest = number
    for (; rest > 127; rest = Math.floor(rest / 128))
      this.#buffer[this.length++] = (rest % 128) | 128
    this.#buffer[this.length++] = rest
  }
}

/** Reads a frame. Its methods throw a RangeError beyond the end or for an invalid number. */
export class FrameReader {
  readonly #frame: Uint8Array<ArrayBuffer>
  #at = 0

  constructor(frame: Uint8Array<ArrayBuffer>) {
    this.#frame = frame
  }

  get isAtEnd(): boolean {
    return this.#at === this.#frame.length
  }

  byte(): number {
    return this.#frame[this.#at++] ?? checkMax(1, 0)
  }

  number(): number {
    let value = 0
    let scale = 1
    let byte: number
    do {
      byte = this.byte()
      value += (byte & 127) * scale
      scale *= 128
    } while (byte > 127)
    return checkMax(value, Number.MAX_SAFE_INTEGER)
  }

  /** Reads a length and as many bytes; returns a view of the frame. */
  bytes(): Uint8Array<ArrayBuffer> {
    const end = checkMax(this.number() + this.#at, this.#frame.length)
    const bytes = this.#frame.subarray(this.#at, end)
    this.#at = end
    return bytes
  }
}

const checkMax = (value: number, max: number): number => {
  if (value <= max) return value
  throw new RangeError()
}
