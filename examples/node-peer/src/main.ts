// A peer without a browser: `pnpm start ws://localhost:8787/ws blue-door`. It answers what is said
// on the channel `chat`, tells the time to who calls `time`, and leaves when it is told to end.
import { joinRoom, type Ports } from '@skein/sdk'
import { RTCPeerConnection } from 'node-datachannel/polyfill'
import { WebSocket } from 'ws'

const [url = 'ws://localhost:8787/ws', name = 'blue-door'] = process.argv.slice(2)

// Both do what the platform's do, as far as the SDK uses them; their types differ in details.
const ports: { readonly [Name in keyof Ports]: unknown } = { RTCPeerConnection, WebSocket }

const room = await joinRoom({
  url,
  room: name,
  presence: { name: 'Node' },
  // A guest that is always there, never the host.
  canHost: false,
  ...(ports as Ports),
})
console.log(`joined ${room.name} with ${room.peers.size} others`)

const chat = room.channel<string>('chat')
chat.on('message', ({ data, from }) => {
  chat.send(`you said ${data}`, { to: from }).catch(report)
})

// Bytes come back as they went out, turned around.
const bytes = room.channel<Uint8Array>('bytes')
bytes.on('message', ({ data, from }) => {
  bytes.send(data.toReversed(), { to: from }).catch(report)
})

room.handle('time', () => new Date().toISOString())

room.on('peerjoin', ({ peer }) => {
  // The link is being made: the message waits for it.
  chat.send('welcome', { to: peer.id }).catch(report)
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => room.leave())
const error = await room.closed
if (error) report(error)
// The native library keeps threads: Node would wait for them.
process.exit(error ? 1 : 0)

function report(reason: unknown): void {
  console.error(String(reason))
}
