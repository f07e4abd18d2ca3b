import { expect, test } from 'vitest'
import { startTestServer } from '../testing/servers.ts'

test('a draining server is not ready, rejects joins, and sends its members goaway', async () => {
  const server = await startTestServer({ tuning: { drainMs: 60_000 } })
  const a = await server.member('r')
  const waiting = await server.connect()
  const drained = server.drain()
  expect(await a.client.next('goaway')).toMatchObject({ reconnectWithinMs: 30_000 })
  const ready = await fetch(`${server.httpUrl}/readyz`)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toEqual({ status: 'not ready', reasons: ['draining'] })
  const health = await fetch(`${server.httpUrl}/healthz`)
  // Pages of other origins ask too, while their links are broken.
  expect([health.status, health.headers.get('Access-Control-Allow-Origin')]).toEqual([200, '*'])
  const late = await server.connect()
  expect(await late.next('error')).toMatchObject({ code: 'overloaded', retryable: true })
  expect(await late.closed).toEqual({ code: 4000 })
  waiting.send({ type: 'join', v: 1, room: 'r' })
  expect(await waiting.nextError('overloaded')).toMatchObject({ about: 'join' })
  expect(await waiting.closed).toEqual({ code: 4000 })
  a.client.drop()
  await drained
})

test('a draining server does not change the host, and its remaining members can exchange signals', async () => {
  const server = await startTestServer({
    hostGraceMs: 1,
    memberGraceMs: 1,
    tuning: { drainMs: 60_000 },
  })
  const [a, b, c] = [await server.member('r'), await server.member('r'), await server.member('r')]
  const drained = server.drain()
  await b.client.next('goaway')
  a.client.drop()
  await a.client.closed
  b.client.signal(a.id)
  await b.client.nextError('peer-unreachable')
  b.client.signal(c.id)
  expect((await c.client.next('signal')).from).toBe(b.id)
  await c.client.settle()
  for (const { client } of [b, c]) {
    expect(client.received('host')).toEqual([])
    expect(client.received('peer-left')).toEqual([])
    expect(client.received('peer-updated')).toEqual([])
    client.drop()
  }
  await drained
})

test('members that are still connected after drainMs are closed with 4000', async () => {
  const server = await startTestServer({ tuning: { drainMs: 50 } })
  const a = await server.member('r')
  await server.drain()
  expect(await a.client.closed).toEqual({ code: 4000 })
})

test('a member can leave a draining server', async () => {
  const server = await startTestServer({ tuning: { drainMs: 60_000 } })
  const [a, b] = [await server.member('r'), await server.member('r')]
  const drained = server.drain()
  await a.client.leave()
  expect(await b.client.next('host')).toMatchObject({ host: b.id, reason: 'left' })
  b.client.drop()
  await drained
})

test('close ends every connection with 4000 and frees the port; a second call has no effect', async () => {
  const server = await startTestServer()
  const a = await server.member('r')
  await Promise.all([server.close(), server.close()])
  expect(await a.client.closed).toEqual({ code: 4000 })
  const next = await startTestServer({ port: server.port })
  await next.member('r')
})

test('kill drops every connection without a close frame', async () => {
  const server = await startTestServer()
  const a = await server.member('r')
  await server.kill()
  expect(await a.client.closed).toEqual({ code: 1006 })
})
