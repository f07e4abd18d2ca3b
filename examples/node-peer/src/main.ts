// A peer without a browser: `pnpm start ws://localhost:8787/ws blue-door`. It replies to messages on
// the channel `chat`, answers the remote call `time`, and leaves the room on SIGINT or SIGTERM.
import { joinRoom, type Ports } from '@skein/sdk'
import { RTCPeerConnection } from 'node-datachannel/polyfill'
import { WebSocket } from 'ws'

const [url = 'ws://localhost:8787/ws', name = 'blue-door'] = process.argv.slice(2)

// For what the SDK uses, both behave like the browser's; only details of their types differ.
const ports: { readonly [Name in keyof Ports]: unknown } = { RTCPeerConnection, WebSocket }

const room = await joinRoom({
  url,
  room: name,
  presence: { name: 'Node' },
  // This peer never becomes host.
  canHost: false,
  ...(ports as Ports),
})
console.log(`joined ${room.name}, other members: ${room.peers.size}`)

const chat = room.channel<string>('chat')
chat.on('message', ({ data, from }) => {
  chat.send(`you said ${data}`, { to: from }).catch(report)
})

// Sends the bytes back in reverse order.
const bytes = room.channel<Uint8Array>('bytes')
bytes.on('message', ({ data, from }) => {
  bytes.send(data.toReversed(), { to: from }).catch(report)
})

room.handle('time', () => new Date().toISOString())

room.on('peerjoin', ({ peer }) => {
  // The link is not open yet: the message is queued until it is.
  chat.send('welcome', { to: peer.id }).catch(report)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => room.leave())
const error = await room.closed
if (error) report(error)
// The native library keeps threads running, so Node would not exit by itself.
process.exit(error ? 1 : 0)

function report(reason: unknown): void {
  console.error(String(reason))
}
