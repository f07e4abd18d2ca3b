import { RTCPeerConnection as NodePeerConnection } from 'node-datachannel/polyfill'
import { WebSocket as NodeWebSocket } from 'ws'
import { joinRoom } from '../index.ts'

/**
 * A peer in its own Node process, for a page under test: it echoes messages on `echo`, adds numbers
 * when called, and leaves when the page has left.
 */
const [url = '', room = ''] = process.argv.slice(2)
// Both types differ from the platform's only in parts that Skein does not use.
const ports: { readonly [Name in 'peer' | 'socket']: unknown } = {
  peer: NodePeerConnection,
  socket: NodeWebSocket,
}
const joined = await joinRoom({
  url,
  room,
  presence: { name: 'node' },
  RTCPeerConnection: ports.peer as typeof RTCPeerConnection,
  WebSocket: ports.socket as typeof WebSocket,
})
const echo = joined.channel<string | Uint8Array<ArrayBuffer>>('echo')
echo.on('message', ({ data, from }) => void echo.send(data, { to: [from] }))
joined.handle('add', ({ a, b }: { a: number; b: number }) => a + b)
joined.on('peerleave', () => void joined.leave())
console.log('joined')
