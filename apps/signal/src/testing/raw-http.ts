import { once } from 'node:events'
import { connect } from 'node:net'
import { subprotocol } from '@skein/protocol'

export interface RawUpgrade {
  readonly port: number
  readonly line?: string
  /** Replace or add; `null` leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>
}

/** Sends an upgrade request as it is written, and gives all that comes until the server hangs up. */
export const rawUpgrade = async ({
  port,
  line = 'GET /ws HTTP/1.1',
  headers = {},
}: RawUpgrade): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  const all: Record<string, string | null> = {
    Host: 'localhost',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Protocol': subprotocol,
    ...headers,
  }
  const fields = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}\r\n`],
  )
  let answer = ''
  socket.on('data', (data) => {
    answer += data.toString('latin1')
  })
  socket.on('error', () => {})
  socket.write(`${line}\r\n${fields.join('')}\r\n`)
  await once(socket, 'close')
  return answer
}
