import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { textFrame } from './text-frame.ts'

test.each([0, 1, 125, 126, 127, 65_535, 65_536, 300_000])(
  'a client reads a frame of %i bytes and the frame after it',
  async (length) => {
    const text = 'x'.repeat(length)
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    onTestFinished(() => server.close())
    server.on('connection', (socket, request) => {
      request.socket.write(Buffer.concat([textFrame(text), textFrame('ä🪿')]))
      socket.close(1000)
    })
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const client = new WebSocket(`ws://127.0.0.1:${port}`)
    const received: string[] = []
    client.on('message', (data) => void received.push(String(data)))
    const [code] = await once(client, 'close')
    expect(code).toBe(1000)
    expect(received).toEqual([text, 'ä🪿'])
  },
)
