import { encode } from '@skein/protocol'
import { expect, test } from 'vitest'
import { startClient, welcome } from './signaling.testing.ts'

const away = { type: 'away', reload: false } as const

for (const [name, delayMs] of [
  ['while it connects', 5],
  ['while its join is on its way', 15],
  ['while the server handles its join', 25],
] as const) {
  test(`a client that is closed ${name} leaves no member behind`, async () => {
    const setup = startClient({ random: () => 1 })
    const members = new Set<object>()
    setup.onJoin = (_join, socket) => {
      members.add(socket)
      const receive = socket.onmessage
      socket.onmessage = (text) => {
        receive?.(text)
        if (JSON.parse(text).type === 'leave') members.delete(socket)
      }
    }
    await setup.clock.advance(delayMs)
    setup.client.close({ leave: true })
    await setup.clock.advance(10_000)
    expect([members.size, setup.server.sockets]).toEqual([0, []])
    expect(setup.closed).toEqual([null])
  })
}

test('a client that leaves while it resumes on a new socket says so there too', async () => {
  const setup = startClient()
  const { clock, send, client, requests, joins } = setup
  await clock.advance(100)
  setup.onJoin = () => {}
  send({ type: 'goaway', reason: 'deploy', reconnectWithinMs: 100 })
  await clock.until(() => joins.length === 2)
  client.close({ leave: true })
  await clock.advance(100)
  expect(requests.filter(({ type }) => type === 'leave').length).toBe(2)
})

test('a client without a socket leaves over HTTP', async () => {
  const { clock, client, server, beacons } = startClient()
  await clock.advance(100)
  server.isUp = false
  server.sockets[0]?.close(1006)
  await clock.advance(20)
  client.close({ leave: true })
  client.close({ leave: true })
  expect(beacons).toEqual([
    { url: 'http://fake/leave', type: 'leave', reload: false, resume: 'token-1' },
  ])
})

test.each([
  ['wss://example.org/ws', 'https://example.org/leave'],
  ['ws://localhost:8787/ws/', 'http://localhost:8787/leave'],
  ['wss://example.org/party/ws?site=7', 'https://example.org/party/leave?site=7'],
  ['wss://ws', 'https://ws/'],
  ['wss://example.org/news', 'https://example.org/news'],
])('a client of %s says goodbye to %s', async (url, target) => {
  const { clock, client, beacons } = startClient({ url })
  await clock.advance(100)
  client.suspend(away)
  expect(beacons).toMatchObject([{ url: target }])
})

test('a suspended client has said so on its socket and over HTTP, and is offline', async () => {
  const { clock, client, server, requests, beacons, online } = startClient()
  await clock.advance(100)
  client.suspend(away)
  expect([online, client.isOnline]).toEqual([[true, false], false])
  await clock.advance(600_000)
  expect([requests.at(-1), server.sockets]).toEqual([away, []])
  expect(beacons).toEqual([{ url: 'http://fake/leave', ...away, resume: 'token-1' }])
  expect(clock.pending).toBe(0)
})

test('a suspended client resumes at once when it is probed', async () => {
  const { clock, client, joins, online } = startClient()
  await clock.advance(100)
  client.suspend(away)
  await clock.advance(3_000)
  client.probe()
  await clock.advance(50)
  expect(joins.map(({ resume }) => resume)).toEqual([null, 'token-1'])
  expect(online).toEqual([true, false, true])
})

test('a client that has lost its socket and is suspended uses its latest token, and waits', async () => {
  const { clock, client, server, send, joins, beacons } = startClient()
  await clock.advance(100)
  send({ type: 'resume', resume: 'fresher' })
  await clock.advance(100)
  server.sockets[0]?.close(1001)
  await clock.advance(15)
  client.suspend({ type: 'away', reload: true })
  await clock.advance(60_000)
  expect(beacons).toEqual([
    { url: 'http://fake/leave', type: 'away', reload: true, resume: 'fresher' },
  ])
  expect(joins.length).toBe(1)
})

test('a client that is suspended before its first welcome leaves: it could not come back', async () => {
  const setup = startClient()
  setup.onJoin = () => {}
  await setup.clock.until(() => setup.joins.length === 1)
  setup.client.suspend(away)
  await setup.clock.advance(100)
  expect([setup.requests.at(-1), setup.beacons]).toEqual([{ type: 'leave' }, []])
  setup.onJoin = (_join, socket) => socket.send(encode(welcome()))
  setup.client.probe()
  await setup.clock.advance(100)
  expect([setup.joins.at(-1)?.resume, setup.online]).toEqual([null, [true]])
})
