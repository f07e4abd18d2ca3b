import { connect, type Socket } from 'node:net'

/** Called for each text frame: where its payload lies in the chunk. */
export type OnText = (chunk: Buffer, start: number, end: number) => void

/**
 * A WebSocket client that does next to nothing: frames are made beforehand, and of what comes only
 * the headers are read. A client library would saturate before the server does.
 */
export class RawClient {
  onText: OnText = () => {}
  readonly #socket: Socket
  #rest: Buffer | null = null
  #onOpen: (() => void) | null

  private constructor(socket: Socket, onOpen: () => void) {
    this.#socket = socket
    this.#onOpen = onOpen
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => {})
  }

  static open(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      const client: RawClient = new RawClient(socket, () => resolve(client))
      socket.once('error', reject)
      socket.write(
        'GET /ws HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
          'Sec-WebSocket-Protocol: skein.v1\r\n\r\n',
      )
    })
  }

  /** Writes a frame made by `frameOf`. */
  send(frame: Buffer): void {
    this.#socket.write(frame)
  }

  /** Joins a room and gives the id it got. */
  join(room: string): Promise<string> {
    return new Promise((resolve) => {
      this.onText = (chunk, start, end) => {
        const message = JSON.parse(chunk.toString('utf8', start, end))
        if (message.type === 'welcome') resolve(message.self.id)
      }
      this.send(frameOf(JSON.stringify({ type: 'join', v: 1, room })))
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #read(data: Buffer): void {
    let chunk = this.#rest === null ? data : Buffer.concat([this.#rest, data])
    this.#rest = null
    if (this.#onOpen !== null) {
      const end = chunk.indexOf('\r\n\r\n')
      if (end === -1) {
        this.#rest = chunk
        return
      }
      chunk = chunk.subarray(end + 4)
      this.#onOpen()
      this.#onOpen = null
    }
    const consumed = this.#frames(chunk)
    if (consumed < chunk.length) this.#rest = chunk.subarray(consumed)
  }

  /** Reads whole frames; gives how many bytes they took. */
  #frames(chunk: Buffer): number {
    let at = 0
    while (at + 2 <= chunk.length) {
      const size = sizeOf(chunk, at)
      if (size === null || size.end > chunk.length) return at
      const opcode = (chunk[at] ?? 0) & 0x0f
      if (opcode === text) this.onText(chunk, size.start, size.end)
      else if (opcode === ping) this.send(pong)
      at = size.end
    }
    return at
  }
}

const text = 1
const ping = 9

const sizeOf = (
  chunk: Buffer,
  at: number,
): { readonly start: number; readonly end: number } | null => {
  const short = (chunk[at + 1] ?? 0) & 0x7f
  if (short < 126) return { start: at + 2, end: at + 2 + short }
  if (short === 126) {
    return at + 4 > chunk.length
      ? null
      : { start: at + 4, end: at + 4 + chunk.readUInt16BE(at + 2) }
  }
  if (at + 10 > chunk.length) return null
  return { start: at + 10, end: at + 10 + Number(chunk.readBigUInt64BE(at + 2)) }
}

/** A text frame as a client sends it, masked. */
export const frameOf = (payload: string): Buffer => masked(0x81, Buffer.from(payload))

const masked = (first: number, body: Buffer): Buffer => {
  const length =
    body.length < 126
      ? Buffer.from([0x80 | body.length])
      : Buffer.from([0x80 | 126, body.length >> 8, body.length & 0xff])
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78])
  const hidden = body.map((byte, index) => byte ^ (mask[index & 3] ?? 0))
  return Buffer.concat([Buffer.from([first]), length, mask, hidden])
}

const pong = masked(0x8a, Buffer.alloc(0))
