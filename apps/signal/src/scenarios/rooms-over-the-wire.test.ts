import { expect, test } from 'vitest'
import { startTestServer } from '../testing/servers.ts'

test('a client that joins gets a welcome, and the other members get peer-joined', async () => {
  const server = await startTestServer()
  const a = await server.connect()
  const first = await a.join('blue-door', { presence: { name: 'A' } })
  expect(first).toMatchObject({
    v: 1,
    room: 'blue-door',
    term: 1,
    host: first.self.id,
    peers: [],
    resumed: false,
    iceServers: [],
    self: { presence: { name: 'A' }, canHost: true, priority: 0, online: true },
  })
  expect(first.self.id).toMatch(/^[\w-]{22}$/)
  const b = await server.connect()
  const second = await b.join('blue-door')
  expect(second.peers).toEqual([first.self])
  expect(second).toMatchObject({ epoch: first.epoch, term: 1, host: first.self.id })
  expect((await a.next('peer-joined')).peer).toEqual(second.self)
})

test('a signal reaches its receiver, with the id of the sender', async () => {
  const server = await startTestServer()
  const a = await server.member('r')
  const b = await server.member('r')
  const data = {
    link: { local: 'x', remote: null },
    type: 'description',
    description: { type: 'offer', sdp: 'v=0\r\no=- "1" \\ 2' },
  } as const
  b.client.signal(a.id, data)
  expect(await a.client.next('signal')).toEqual({ type: 'signal', from: b.id, data })
})
