import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { subprotocol } from '@skein/protocol'

export interface FrameOptions {
  readonly opcode?: number
  readonly isFinal?: boolean
  readonly isMasked?: boolean
  /** The three reserved bits. */
  readonly reserved?: number
  /** The length in the header, when it is not the real one. */
  readonly claimedLength?: number
}

/** Receives what the server sends. */
export interface RawListener {
  readonly text: (text: string) => void
  /** The server violated the WebSocket protocol. */
  readonly fault: (description: string) => void
}

/** A WebSocket that can violate the protocol, and checks that the server does not. */
export class RawSocket {
  readonly socket: Socket
  readonly #listener: RawListener
  #unread: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket, listener: RawListener) {
    this.socket = socket
    this.#listener = listener
  }

  /** Resolves after the handshake. */
  static async open(
    port: number,
    { listener, headers = {} }: { readonly listener: RawListener; readonly headers?: object },
  ): Promise<RawSocket> {
    const socket = connect(port, '127.0.0.1')
    // Tests reset this socket often.
    socket.on('error', () => {})
    await once(socket, 'connect')
    const raw = new RawSocket(socket, listener)
    const fields = Object.entries({ ...handshake, ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    )
    socket.write(`GET /ws HTTP/1.1\r\n${fields.join('')}\r\n`)
    await raw.#handshake()
    return raw
  }

  get isOpen(): boolean {
    return this.socket.writable
  }

  frame(payload: Buffer | string, options: FrameOptions = {}): void {
    this.bytes(frameOf(Buffer.from(payload), options))
  }

  bytes(bytes: Buffer): void {
    if (this.isOpen) this.socket.write(bytes)
  }

  drop(): void {
    this.socket.resetAndDestroy()
  }

  async #handshake(): Promise<void> {
    for (let head = ''; !head.includes('\r\n\r\n'); ) {
      const [data]: Buffer[] = await once(this.socket, 'data')
      head += data?.toString('latin1') ?? ''
      const end = head.indexOf('\r\n\r\n')
      if (end >= 0) this.#read(Buffer.from(head.slice(end + 4), 'latin1'))
      if (end >= 0 && !head.startsWith('HTTP/1.1 101 ')) this.#listener.fault(head.slice(0, 60))
    }
    this.socket.on('data', (data) => this.#read(data))
  }

  #read(data: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, data])
    for (;;) {
      const header = headerOf(this.#unread)
      const end = header === null ? Number.POSITIVE_INFINITY : header.from + header.length
      if (header === null || this.#unread.length < end) return
      this.#handle(header, this.#unread.subarray(header.from, end))
      this.#unread = this.#unread.subarray(end)
    }
  }

  #handle({ first, isMasked }: Header, payload: Buffer): void {
    const opcode = first & 0x0f
    if ((first & 0xf0) !== 0x80 || isMasked)
      this.#listener.fault(`a frame with the first byte ${first}`)
    if (opcode === opcodes.text) this.#listener.text(utf8.decode(payload))
    else if (opcode === opcodes.close) this.frame(payload.subarray(0, 2), { opcode })
    else if (opcode !== opcodes.ping && opcode !== opcodes.pong) {
      this.#listener.fault(`a frame with opcode ${opcode}`)
    }
  }
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 }

const handshake = {
  Host: 'localhost',
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol': subprotocol,
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

const frameOf = (payload: Buffer, options: FrameOptions): Buffer => {
  const { opcode = opcodes.text, isFinal = true, isMasked = true, reserved = 0 } = options
  const first = (isFinal ? 0x80 : 0) | (reserved << 4) | opcode
  const size = sizeField(options.claimedLength ?? payload.length)
  size.writeUInt8(size.readUInt8(0) | (isMasked ? 0x80 : 0))
  // A zero mask is valid.
  return Buffer.concat([Buffer.from([first]), size, Buffer.alloc(isMasked ? 4 : 0), payload])
}

/** @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
const sizeField = (length: number): Buffer => {
  if (length < 126) return Buffer.from([length])
  const isShort = length < 65_536
  const size = Buffer.alloc(isShort ? 3 : 9)
  size.writeUInt8(isShort ? 126 : 127)
  if (isShort) size.writeUInt16BE(length, 1)
  else size.writeBigUInt64BE(BigInt(length), 1)
  return size
}

interface Header {
  readonly first: number
  readonly isMasked: boolean
  readonly from: number
  readonly length: number
}

const headerOf = (bytes: Buffer): Header | null => {
  if (bytes.length < 2) return null
  const [first = 0, second = 0] = bytes
  const short = second & 0x7f
  const from = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < from) return null
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  return { first, isMasked: second >= 0x80, from, length }
}
