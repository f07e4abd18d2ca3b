import { type ConnectionId, connectionId } from '@skein/protocol'

/** What a bus message carries; one message may hold several items. */
export type BusItem =
  | {
      readonly type: 'signal'
      /** Increases by one with each signal, separately for each pair of nodes. */
      readonly serial: number
      readonly to: ConnectionId
      readonly frame: Buffer
    }
  /** The sender has given up all signals before this serial. */
  | { readonly type: 'skip-to'; readonly serial: number }
  /** Every signal up to `serial` has arrived; those listed had no connection to go to. */
  | { readonly type: 'ack'; readonly serial: number; readonly undelivered: readonly number[] }
  /** From a node to itself, to check its subscription. */
  | { readonly type: 'probe'; readonly serial: number }

/** The first byte of a bus message in the inbox of a node. */
export const busMessageMark = 'P'

/**
 * Encodes a bus message: the mark, the sender's name and the items. An item is a byte for its type,
 * a 48-bit serial and the fields of its type; fields of variable length are preceded by their
 * length.
 */
export const writeBusMessage = (sender: string, items: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from(busMessageMark), prefixedText(sender), ...items])

/** Encodes one item for `writeBusMessage`. */
export const encodeItem = (item: BusItem): Buffer => {
  switch (item.type) {
    case 'signal': {
      const head = header(1, item.serial)
      const length = Buffer.allocUnsafe(4)
      length.writeUInt32BE(item.frame.length)
      return Buffer.concat([head, prefixedText(item.to), length, item.frame])
    }
    case 'skip-to':
      return header(2, item.serial)
    case 'ack': {
      const count = Buffer.allocUnsafe(4)
      count.writeUInt32BE(item.undelivered.length)
      return Buffer.concat([header(3, item.serial), count, ...item.undelivered.map(serialBytes)])
    }
    case 'probe':
      return header(4, item.serial)
  }
}

/** Decodes a bus message; throws when it is invalid. */
export const readBusMessage = (
  message: Buffer,
): { readonly sender: string; readonly items: readonly BusItem[] } => {
  const reader = new Reader(message, busMessageMark.length)
  const sender = reader.text()
  const items: BusItem[] = []
  while (!reader.isAtEnd) items.push(readItem(reader))
  return { sender, items }
}

const readItem = (reader: Reader): BusItem => {
  const type = reader.byte()
  const serial = reader.serial()
  switch (type) {
    case 1:
      return { type: 'signal', serial, to: connectionId(reader.text()), frame: reader.bytes() }
    case 2:
      return { type: 'skip-to', serial }
    case 3: {
      const undelivered = Array.from({ length: reader.number() }, () => reader.serial())
      return { type: 'ack', serial, undelivered }
    }
    case 4:
      return { type: 'probe', serial }
    default:
      throw new Error('The bus message has an item of an unknown type.')
  }
}

class Reader {
  readonly #buffer: Buffer
  #offset: number

  constructor(buffer: Buffer, offset: number) {
    this.#buffer = buffer
    this.#offset = offset
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#buffer.length
  }

  byte(): number {
    const value = this.#buffer.readUInt8(this.#offset)
    this.#offset += 1
    return value
  }

  serial(): number {
    const value = this.#buffer.readUIntBE(this.#offset, serialLength)
    this.#offset += serialLength
    return value
  }

  number(): number {
    const value = this.#buffer.readUInt32BE(this.#offset)
    this.#offset += 4
    return value
  }

  text(): string {
    const length = this.byte()
    return this.#slice(length).toString('latin1')
  }

  bytes(): Buffer {
    return this.#slice(this.number())
  }

  #slice(length: number): Buffer {
    const end = this.#offset + length
    if (end > this.#buffer.length) throw new Error('The bus message is truncated.')
    const part = this.#buffer.subarray(this.#offset, end)
    this.#offset = end
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

/** For names of nodes and connections, which are short and ASCII. */
const prefixedText = (text: string): Buffer => {
  const buffer = Buffer.allocUnsafe(1 + text.length)
  buffer.writeUInt8(text.length)
  buffer.write(text, 1, 'latin1')
  return buffer
}
