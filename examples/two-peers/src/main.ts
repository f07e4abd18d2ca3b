// #region readme
import { joinRoom } from '@skein/sdk'
import { onSay, show } from './page.ts'

const url = new URLSearchParams(location.search).get('signal') ?? 'ws://localhost:8787/ws'
const room = await joinRoom({ url, room: 'blue-door', presence: { name: 'Ann' } })

const chat = room.channel<{ text: string }>('chat')
chat.on('message', ({ data, from }) => show(`${from.slice(0, 4)} says ${data.text}`))
onSay((text) => chat.send({ text })) // straight to everyone in the room

room.handle('add', ({ a, b }: { a: number; b: number }) => a + b)
room.on('hostchange', ({ isHost, term }) => show(`term ${term}: ${isHost ? 'I host' : 'a guest'}`))
room.on('peerleave', ({ peer }) => show(`${peer.presence?.name} left`))

show(`${room.isHost ? 'I host' : 'a guest'} among ${room.peers.size + 1}`)
const sum = await room.call('host', 'add', { a: 20, b: 22 }) // whoever hosts now
show(`the host says ${sum}`)
// #endregion
