/** The version of the frames, said in `hello`. */
export const frameVersion = 2

/** The largest frame: small ones keep what waits in the browser short. */
export const frameBytes: number = 64 * 1024

/**
 * A frame is a row of records. A record is a head byte (low four bits its type, high four its
 * flags), the numbers of its type, then, for some, a length and bytes. @see LINKS.md
 *
 * version, maxMessageBytes, session, session of the other or 0, bytes received in it
 */
export const helloRecord = 0
/** number; label */
export const channelRecord = 1
/** epoch, term: of all messages that begin after it */
export const termRecord = 2
/** number; bytes */
export const moreRecord = 3
/** number, kind, id of the answer that is asked for or 0; bytes */
export const startRecord = 4
/** number: the rest of the message that is under way will not come */
export const dropRecord = 5
/** bytes received in the session */
export const ackRecord = 6
/** number, cost of all messages that were read on that channel of the other */
export const readRecord = 7

/** The message ends with this record. */
export const lastFlag = 16
/** It is for the host, not for this peer. */
export const hostFlag = 32

/** Writes records into one buffer, over and over. */
export class FrameWriter {
  readonly #buffer = new Uint8Array(frameBytes)
  length = 0

  /** `head` is the type with its flags. */
  record(head: number, ...numbers: readonly number[]): void {
    this.#buffer[this.length++] = head
    for (const number of numbers) this.#number(number)
  }

  bytes(bytes: Uint8Array): void {
    this.#number(bytes.length)
    this.#buffer.set(bytes, this.length)
    this.length += bytes.length
  }

  /** A view of the frame, good until something is written again. */
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

/** Reads what a peer wrote. Its methods throw a RangeError beyond the end, or for what is no number. */
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
    return this.#frame[this.#at++] ?? limited(1, 0)
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
    return limited(value, Number.MAX_SAFE_INTEGER)
  }

  /** A view of the frame. */
  bytes(): Uint8Array<ArrayBuffer> {
    const end = limited(this.number() + this.#at, this.#frame.length)
    const bytes = this.#frame.subarray(this.#at, end)
    this.#at = end
    return bytes
  }
}

const limited = (value: number, max: number): number => {
  if (value <= max) return value
  throw new RangeError()
}
