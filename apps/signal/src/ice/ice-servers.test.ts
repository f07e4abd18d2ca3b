import { expect, onTestFinished, test, vi } from 'vitest'
import { needs } from '../testing/needs.ts'
import { startNodes } from '../testing/nodes.ts'
import { redisCommand } from '../testing/redis-command.ts'
import { startTestServer } from '../testing/servers.ts'

const turn = {
  stunUrls: ['stun:stun.example.org:3478'],
  turnUrls: ['turn:turn.example.org:3478', 'turns:turn.example.org:443?transport=tcp'],
  turnSecret: 'north',
}

test('a welcome has the STUN servers, and the TURN servers with a credential for the member', async () => {
  const server = await startTestServer({ ...turn, now: () => 1_700_000_000_000 })
  const client = await server.connect()
  const { iceServers, self } = await client.join('r')
  expect(iceServers).toMatchObject([
    { urls: turn.stunUrls },
    { urls: turn.turnUrls, username: `1700000600:${self.id}` },
  ])
  expect(iceServers[1]?.credential).toMatch(/^[\w+/]{27}=$/)
})

test('credentials follow the wall clock when it is changed while the server runs', async () => {
  const wall = vi.spyOn(Date, 'now')
  onTestFinished(() => wall.mockRestore())
  const server = await startTestServer(turn)
  wall.mockReturnValue(2_000_000_000_000)
  const client = await server.connect()
  const { iceServers, self } = await client.join('r')
  expect(iceServers[1]?.username).toBe(`2000000600:${self.id}`)
})

test('a member gets new credentials well before its old ones expire', async () => {
  let now = 1_700_000_000_000
  const tuning = { heartbeatRoundMs: 100, lostAfterMs: 1e9, hostLostAfterMs: 1e9, pingEveryMs: 1e9 }
  const server = await startTestServer({ ...turn, now: () => now, tuning })
  const { client, id } = await server.member('r')
  now += 450_000
  const { iceServers } = await client.next('ice-servers')
  expect(iceServers[1]?.username).toBe(`${1_700_000_450 + 600}:${id}`)
})

test('an address that takes too many credentials gets only STUN, and TURN later', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({ ...limited, now: () => now })
  const headers = { 'X-Forwarded-For': '203.0.113.1' }
  const first = await server.connect({ headers })
  expect((await first.join('r')).iceServers).toHaveLength(2)
  const second = await server.connect({ headers })
  expect((await second.join('r')).iceServers).toEqual([{ urls: turn.stunUrls }])
  const other = await server.connect({ headers: { 'X-Forwarded-For': '203.0.113.2' } })
  expect((await other.join('r')).iceServers).toHaveLength(2)
  now += 100_000
  expect((await second.next('ice-servers')).iceServers).toHaveLength(2)
})

test('a member whose renewal is rate-limited keeps its credentials and gets new ones before they expire', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({ ...limited, now: () => now })
  const headers = { 'X-Forwarded-For': '203.0.113.1' }
  const member = await server.connect({ headers })
  await member.join('r')
  now += 449_000
  const greedy = await server.connect({ headers })
  expect((await greedy.join('r')).iceServers).toHaveLength(2)
  // The heartbeat pings the member and renews its credentials in the same visit.
  now += 1_000
  await member.next('ping')
  await member.settle()
  expect(member.received('ice-servers')).toEqual([])
  now += 120_000
  const { iceServers } = await member.next('ice-servers')
  expect(iceServers[1]?.username).toMatch(/^1700001170:/)
})

if (needs('redis-server')) {
  test('a member that is welcomed again keeps its TURN servers even if its address is rate-limited', async () => {
    const { redis, nodes } = await startNodes(2, {
      ...limited,
      tuning: { turnCredentials: limited.tuning.turnCredentials, beatMs: 100 },
    })
    const [one] = nodes
    const headers = { 'X-Forwarded-For': '203.0.113.1' }
    const member = await one.connect({ headers })
    await member.join('r')
    const greedy = await one.connect({ headers })
    expect((await greedy.join('r')).iceServers).toEqual([{ urls: turn.stunUrls }])
    await redisCommand(redis, ['FLUSHALL'])
    const { self, iceServers } = await member.next('welcome')
    expect(iceServers).toMatchObject([
      { urls: turn.stunUrls },
      { urls: turn.turnUrls, username: expect.stringMatching(new RegExp(`:${self.id}$`)) },
    ])
  })
}

/** One credential per 100 s. */
const limited = {
  ...turn,
  trustProxy: ['127.0.0.1'],
  tuning: {
    turnCredentials: { perSecond: 0.01, burst: 1 },
    heartbeatRoundMs: 100,
    lostAfterMs: 1e9,
    hostLostAfterMs: 1e9,
    pingEveryMs: 450_000,
  },
}
