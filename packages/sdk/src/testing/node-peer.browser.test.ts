import { expect, inject, test } from 'vitest'
import { commands } from 'vitest/browser'
import { joinRoom } from '../index.ts'

test('a peer in Node and a peer in a browser exchange messages and calls, and leave', async () => {
  const url = inject('signaling')
  const name = crypto.randomUUID()
  await commands.startNodePeer(url, name)
  const room = await joinRoom({ url, room: name })
  const [peer] = room.peers.keys()
  expect(room.host).toBe(peer)
  const echo = room.channel<string | Uint8Array<ArrayBuffer>>('echo')
  const received: unknown[] = []
  const all = new Promise<void>((resolve) => {
    echo.on('message', ({ data }) => {
      if (received.push(data) === 3) resolve()
    })
  })
  const large = new Uint8Array(600_000).map((_, index) => index)
  await echo.send('hello')
  await echo.send(large)
  await echo.send('bye')
  await all
  expect(received).toEqual(['hello', large, 'bye'])
  expect(await room.call('host', 'add', { a: 2, b: 3 })).toBe(5)
  expect([...room.peers.values()][0]?.link).toMatchObject({ state: 'open' })
  const ended = commands.nodePeersEnded()
  await room.leave()
  expect(await ended).toEqual([0])
})
