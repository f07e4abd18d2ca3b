// #region readme
import { joinRoom } from '@skein/sdk'

const room = await joinRoom({ url: 'ws://localhost:8787/ws', room: 'blue-door' })
const chat = room.channel<string>('chat')
chat.on('message', ({ data, from }) => console.log(from, 'says', data))
room.asHost(({ term }) => console.log('I am the host, term', term))
document.onclick = () => chat.send('hello').catch(console.error) // directly, to everyone
// #endregion

// A remote call to the current host, which may be this page.
room.handle('add', ({ a, b }: { a: number; b: number }) => a + b)
console.log('the host says', await room.call('host', 'add', { a: 20, b: 22 }))
