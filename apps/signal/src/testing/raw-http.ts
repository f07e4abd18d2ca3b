import { once } from 'node:events'
import { connect } from 'node:net'
import { subprotocol } from '@skein/protocol'

export interface RawUpgrade {
  readonly port: number
  readonly line?: string
  /** Override or add headers; `null` omits one. */
  readonly headers?: Readonly<Record<string, string | null>>
}

/** Sends an upgrade request verbatim; resolves to everything received until the server closes. */
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
  let response = ''
  socket.on('data', (data) => {
    response += data.toString('latin1')
  })
  socket.on('error', () => {})
  socket.write(`${line}\r\n${fields.join('')}\r\n`)
  await once(socket, 'close')
  return response
}
