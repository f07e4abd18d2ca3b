import { type ConnectionId, connectionId } from '@skein/protocol'

/** What nodes send each other, several to a parcel. */
export type Item =
  | {
      readonly type: 'signal'
      /** Counts up by one, for each pair of nodes. */
      readonly serial: number
      readonly to: ConnectionId
      readonly frame: Buffer
    }
  /** Signals before this one will not come any more. */
  | { readonly type: 'from'; readonly serial: number }
  /** All up to this one have come; these of them nobody took. */
  | { readonly type: 'ack'; readonly serial: number; readonly refused: readonly number[] }
  /** To itself: whether it can hear. */
  | { readonly type: 'probe'; readonly serial: number }

/** The first byte of a parcel in the inbox of a node. */
export const parcelMark = 'P'

/**
 * A mark, the sender's name and the items. An item is a byte for its type, a serial number of 48
 * bits, and what more its type has; what has no fixed length comes after its length.
 */
export const writeParcel = (sender: string, items: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from(parcelMark), lengthAndText(sender), ...items])

export const writeItem = (item: Item): Buffer => {
  switch (item.type) {
    case 'signal': {
      const head = header(1, item.serial)
      const length = Buffer.allocUnsafe(4)
      length.writeUInt32BE(item.frame.length)
      return Buffer.concat([head, lengthAndText(item.to), length, item.frame])
    }
    case 'from':
      return header(2, item.serial)
    case 'ack': {
      const count = Buffer.allocUnsafe(4)
      count.writeUInt32BE(item.refused.length)
      return Buffer.concat([header(3, item.serial), count, ...item.refused.map(serialBytes)])
    }
    case 'probe':
      return header(4, item.serial)
  }
}

/** Throws when it is no parcel. */
export const readParcel = (
  parcel: Buffer,
): { readonly sender: string; readonly items: readonly Item[] } => {
  const reader = new Reader(parcel, parcelMark.length)
  const sender = reader.text()
  const items: Item[] = []
  while (!reader.isAtEnd) items.push(readItem(reader))
  return { sender, items }
}

const readItem = (reader: Reader): Item => {
  const type = reader.byte()
  const serial = reader.serial()
  switch (type) {
    case 1:
      return { type: 'signal', serial, to: connectionId(reader.text()), frame: reader.bytes() }
    case 2:
      return { type: 'from', serial }
    case 3: {
      const count = reader.number()
      return { type: 'ack', serial, refused: Array.from({ length: count }, () => reader.serial()) }
    }
    case 4:
      return { type: 'probe', serial }
    default:
      throw new Error('The parcel has an item of an unknown type.')
  }
}

class Reader {
  readonly #buffer: Buffer
  #at: number

  constructor(buffer: Buffer, at: number) {
    this.#buffer = buffer
    this.#at = at
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#buffer.length
  }

  byte(): number {
    const value = this.#buffer.readUInt8(this.#at)
    this.#at += 1
    return value
  }

  serial(): number {
    const value = this.#buffer.readUIntBE(this.#at, serialLength)
    this.#at += serialLength
    return value
  }

  number(): number {
    const value = this.#buffer.readUInt32BE(this.#at)
    this.#at += 4
    return value
  }

  text(): string {
    const length = this.byte()
    return this.#take(length).toString('latin1')
  }

  bytes(): Buffer {
    return this.#take(this.number())
  }

  #take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#buffer.length) throw new Error('The parcel is cut short.')
    const part = this.#buffer.subarray(this.#at, end)
    this.#at = end
    return part
  }
}

const serialLength = 6

const header = (type: number, serial: number): Buffer => {
  const buffer = Buffer.allocUnsafe(1 + serialLength)
  buffer.writeUInt8(type)
  buffer.writeUIntBE(serial, 1, serialLength)
  return buffer
}

const serialBytes = (serial: number): Buffer => {
  const buffer = Buffer.allocUnsafe(serialLength)
  buffer.writeUIntBE(serial, 0, serialLength)
  return buffer
}

/** Names of nodes and connections: ASCII, and short. */
const lengthAndText = (text: string): Buffer => {
  const buffer = Buffer.allocUnsafe(1 + text.length)
  buffer.writeUInt8(text.length)
  buffer.write(text, 1, 'latin1')
  return buffer
}
