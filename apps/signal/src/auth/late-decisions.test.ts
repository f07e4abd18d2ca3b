import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import type { ServerOptions } from '../server/server.ts'
import { startKeyServer } from '../testing/key-server.ts'
import { startTestServer } from '../testing/servers.ts'
import { audience } from '../testing/token-auth.ts'

/** A server that waits for its keys until `deliver()`, and a client whose join waits for them. */
const startWaiting = async (options: ServerOptions = {}) => {
  const keys = await startKeyServer()
  const [sign, respond] = [await keys.newKey(), keys.respond]
  const requested = Promise.withResolvers<ServerResponse>()
  keys.respond = requested.resolve
  const server = await startTestServer({
    auth: 'token',
    jwksUrl: keys.url,
    jwtAudience: audience,
    ...options,
  })
  const response = await requested.promise
  const join = async () => ({ type: 'join', v: 1, room: 'calm', token: await sign() }) as const
  const first = await join()
  const client = await server.connect()
  client.send(first)
  // Frames are read in order, so the join has been read when the pong arrives.
  await client.settle()
  return { server, client, join, sign, deliver: () => respond(response), keys }
}

test('messages that arrive during a token check are answered, and the join completes', async () => {
  const { client, join, deliver } = await startWaiting()
  client.send(await join())
  expect(await client.next('error')).toMatchObject({ code: 'already-joined', about: 'join' })
  client.signal('no-such-peer')
  expect(await client.next('error')).toMatchObject({ code: 'not-joined', about: 'signal' })
  client.send({ type: 'update', priority: 3 })
  expect(await client.next('error')).toMatchObject({ code: 'not-joined', about: 'update' })
  client.send({ type: 'kick', id: 'no-such-peer' })
  expect(await client.next('error')).toMatchObject({ code: 'not-joined', about: 'kick' })
  client.sendRaw('{')
  expect(await client.next('error')).toMatchObject({ code: 'bad-message' })
  expect(client.received('welcome')).toEqual([])
  deliver()
  expect((await client.next('welcome')).self).toMatchObject({ priority: 0 })
})

test.each(['drop', 'leave'] as const)(
  'a client that disconnects (%s) during a token check does not join',
  async (how) => {
    const { server, client, deliver, sign } = await startWaiting()
    const counts = async (): Promise<readonly string[]> => {
      const metrics = await (await fetch(`${server.httpUrl}/metrics`)).text()
      return metrics.match(/^skein_(connections|members) \d+$/gm) ?? []
    }
    await client[how]()
    // The server must notice before the keys arrive.
    await expect
      .poll(counts, { timeout: 10_000 })
      .toEqual(['skein_connections 0', 'skein_members 0'])
    deliver()
    const next = await server.member('calm', { token: await sign() })
    expect(next.client.received('welcome')[0]).toMatchObject({ peers: [], revision: 2 })
    expect(await counts()).toEqual(['skein_connections 1', 'skein_members 1'])
  },
)

/** A clock that the test moves, with a heartbeat that checks it often. */
const movableClock = () => {
  const clock = { ms: 1_700_000_000_000 }
  return { clock, options: { now: () => clock.ms, tuning: { heartbeatRoundMs: 20 } } }
}

test('the join deadline ends when the join arrives', async () => {
  const { clock, options } = movableClock()
  const { server, client, deliver } = await startWaiting(options)
  const silent = await server.connect()
  clock.ms += 11_000
  expect(await silent.closed).toEqual({ code: 4001 })
  deliver()
  await client.next('welcome')
  expect(client.received('error')).toEqual([])
})

test('the join deadline starts again after a rejected join', async () => {
  const { clock, options } = movableClock()
  const tuning = { ...options.tuning, keySetTimeoutMs: 40 }
  const { client } = await startWaiting({ ...options, tuning })
  expect(await client.next('error')).toMatchObject({ code: 'overloaded', about: 'join' })
  clock.ms += 11_000
  expect(await client.next('error')).toMatchObject({ code: 'timeout' })
  expect(await client.closed).toEqual({ code: 4001 })
})

test('a server that starts to drain during a token check rejects the join', async () => {
  const { server, client, deliver } = await startWaiting()
  const drained = server.drain()
  await client.next('goaway')
  deliver()
  expect(await client.next('error')).toMatchObject({ code: 'overloaded', about: 'join' })
  expect(await client.closed).toEqual({ code: 4000 })
  await drained
})

test('joins that wait for the keys cause one fetch, and all succeed', async () => {
  const { server, client, deliver, join, keys } = await startWaiting()
  const others = await Promise.all(Array.from({ length: 20 }, () => server.connect()))
  for (const other of others) {
    other.send(await join())
    await other.settle()
  }
  deliver()
  for (const each of [client, ...others]) await each.next('welcome')
  expect(keys.requests).toBe(1)
})

test('joins are rate-limited before their tokens are checked', async () => {
  const { server, sign, keys } = await startWaiting({
    joinsPerMinutePerIp: 3,
    trustProxy: ['127.0.0.0/8', '::1'],
  })
  const replies: string[] = []
  for (let times = 0; times < 4; times += 1) {
    const client = await server.connect({ headers: { 'x-forwarded-for': '192.0.2.7' } })
    client.send({ type: 'join', v: 1, room: 'calm', token: await sign() })
    client.send({ type: 'ping', id: times })
    const reply = await client.next('pong', 'error')
    replies.push(reply.type === 'error' ? reply.code : 'pending')
  }
  expect(replies).toEqual(['pending', 'pending', 'pending', 'rate-limited'])
  expect(keys.requests).toBe(1)
})
