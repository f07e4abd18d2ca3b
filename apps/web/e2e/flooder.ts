// A peer that is not the site: it joins a room, sends many chat messages at once and stays until it
// is killed. `node flooder.ts ws://… room count`; it prints a line when it has sent all of them.
import { joinRoom, type Ports } from '@skein/sdk'
import { RTCPeerConnection } from 'node-datachannel/polyfill'
import { WebSocket } from 'ws'

const [url = '', name = '', count = '0'] = process.argv.slice(2)
const ports: { readonly [Name in keyof Ports]: unknown } = { RTCPeerConnection, WebSocket }
const room = await joinRoom({
  url,
  room: name,
  presence: { name: 'Spammer' },
  canHost: false,
  ...(ports as Ports),
})
const chat = room.channel<{ id: string; text: string }>('chat')
const sends = Array.from({ length: Number(count) }, (_, index) =>
  chat.send({ id: String(index), text: `spam ${index}` }),
)
await Promise.all(sends)
console.log('sent')
