import { concat } from '../core/bytes.ts'

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
  /** number, kind, id of the answer that is asked for or 0; bytes */
  start: 4,
  /** number: the rest of the message that is under way will not come */
  drop: 5,
} as const

/** How many numbers each type has, by its place, and which have bytes. */
const numberCounts = [5, 1, 2, 1, 3, 1]
const carriesBytes = [false, true, false, true, true]

/** The message ends with this record. */
export const lastFlag = 16
/** It is for the host, not for this peer. */
export const hostFlag = 32

export const nothing: Uint8Array<ArrayBuffer> = new Uint8Array(0)

export interface FrameRecord {
  readonly type: number
  /** With the flags. */
  readonly head: number
  readonly numbers: readonly number[]
  /** A view of the frame; empty where the type has none. */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Gathers records to one frame after the other. */
export class FrameWriter {
  #parts: Uint8Array[] = []
  length = 0

  /** `head` is the type with its flags. */
  write(head: number, numbers: readonly number[], bytes?: Uint8Array): void {
    const header = [head]
    for (const number of bytes ? [...numbers, bytes.length] : numbers) {
      let rest = number
      for (; rest > 127; rest = Math.floor(rest / 128)) header.push((rest % 128) | 128)
      header.push(rest)
    }
    this.#parts.push(new Uint8Array(header), bytes ?? nothing)
    this.length += header.length + (bytes?.length ?? 0)
  }

  /** The frame; the writer is empty again. */
  finish(): Uint8Array<ArrayBuffer> {
    const frame = concat(this.#parts)
    this.#parts = []
    this.length = 0
    return frame
  }
}

/** The records of a frame that a peer sent; `null` when it is malformed. Never throws. */
export const decodeFrame = (frame: Uint8Array<ArrayBuffer>): readonly FrameRecord[] | null => {
  try {
    return readRecords(frame)
  } catch {
    // Reading beyond the end, or what is no number or no type.
    return null
  }
}

const readRecords = (frame: Uint8Array<ArrayBuffer>): readonly FrameRecord[] => {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length)
  const records: FrameRecord[] = []
  let at = 0
  const number = (): number => {
    let value = 0
    let scale = 1
    let byte: number
    do {
      byte = view.getUint8(at++)
      value += (byte & 127) * scale
      scale *= 128
    } while (byte > 127)
    return limited(value, Number.MAX_SAFE_INTEGER)
  }
  while (at < frame.length) {
    const head = view.getUint8(at++)
    const type = limited(head & 15, numberCounts.length - 1)
    const numbers = Array.from({ length: numberCounts[type] ?? 0 }, number)
    const length = carriesBytes[type] ? number() : 0
    const end = limited(at + length, frame.length)
    records.push({ type, head, numbers, bytes: frame.subarray(at, end) })
    at = end
  }
  return records
}

const limited = (value: number, max: number): number => {
  if (value <= max) return value
  throw new RangeError()
}
