import { expect, onTestFinished, test } from 'vitest'
import { anySilence, type Member, startTestServer, type TestServer } from '../testing/servers.ts'
import { candidate, type TestClient } from '../testing/test-client.ts'

const from = (address: string): { headers: Record<string, string> } => ({
  headers: { 'X-Forwarded-For': address },
})
const trustProxy = ['127.0.0.1']

test('a page of another origin gets origin-refused and is closed with 4505', async () => {
  const server = await startTestServer({ origins: ['https://example.org', '*.example.net'] })
  const foreign = await server.connect({ headers: { Origin: 'https://evil.test' } })
  expect(await foreign.next('error')).toMatchObject({ code: 'origin-refused', retryable: false })
  expect(await foreign.closed).toEqual({ code: 4505 })
  for (const headers of [
    { Origin: 'https://example.org' },
    { Origin: 'https://a.example.net' },
    {},
  ]) {
    const client = await server.connect({ headers })
    await client.join('r')
  }
})

test('messages of a rejected client are ignored', async () => {
  const server = await startTestServer({ origins: ['https://example.org'] })
  const member = await server.member('r')
  const foreign = await server.connect({ headers: { Origin: 'https://evil.test' } })
  foreign.send({ type: 'join', v: 1, room: 'r' })
  await foreign.closed
  await member.client.settle()
  expect(member.client.received('peer-joined')).toEqual([])
})

test('a full server answers overloaded, and accepts a client again once another has left', async () => {
  const server = await startTestServer({ maxConnections: 1 })
  const member = await server.member('r')
  const late = await server.connect()
  expect(await late.next('error')).toMatchObject({ code: 'overloaded', retryAfterMs: 10_000 })
  expect(await late.closed).toEqual({ code: 1013 })
  await member.client.leave()
  await server.member('r')
})

test('connections per address are limited, and other addresses are not affected', async () => {
  const server = await startTestServer({ maxConnectionsPerIp: 2, trustProxy })
  const first = await server.connect(from('203.0.113.1'))
  const second = await server.connect(from('203.0.113.1'))
  const third = await server.connect(from('203.0.113.1'))
  expect(await third.next('error')).toMatchObject({ code: 'rate-limited', retryable: true })
  expect(await third.closed).toEqual({ code: 1013 })
  const other = await server.connect(from('203.0.113.2'))
  await other.join('r')
  first.drop()
  await first.closed
  await second.join('r')
  await expect
    .poll(async () => {
      const again = await server.connect(from('203.0.113.1'))
      const answer = again.join('r').then(
        () => 'welcome',
        () => 'rejected',
      )
      return answer
    })
    .toBe('welcome')
})

test('connections over IPv6 are counted by /64', async () => {
  const server = await startTestServer({ maxConnectionsPerIp: 1, trustProxy })
  await server.connect(from('2001:db8::1'))
  const neighbour = await server.connect(from('2001:db8::2'))
  expect(await neighbour.next('error')).toMatchObject({ code: 'rate-limited' })
  const visitor = await server.connect(from('2001:db8:0:1::1'))
  await visitor.join('r')
})

test('an ignored forwarded header is logged once, without an address', async () => {
  const lines: string[] = []
  const server = await startTestServer({
    logLevel: 'warn',
    logTo: { write: (line) => void lines.push(line) },
    maxConnectionsPerIp: 1,
  })
  // Behind a proxy on loopback, as here, clients are not counted; behind others they count as one.
  const connect = (): Promise<TestClient> => server.connect(from('203.0.113.1'))
  const clients = await Promise.all([connect(), connect(), connect()])
  for (const client of clients) await client.join('r')
  const matches = lines.filter((line) => line.includes('SKEIN_TRUST_PROXY'))
  expect(matches).toHaveLength(1)
  expect(matches[0]).toContain('ignoring forwarded headers')
  expect(matches[0]).not.toContain('203.0.113')
})

test('loopback is not counted', async () => {
  const server = await startTestServer({ maxConnectionsPerIp: 1, joinsPerMinutePerIp: 1 })
  await server.member('r')
  await server.member('r')
})

test('joins of an address above its limit are rejected with the time to retry', async () => {
  let now = 1_700_000_000_000
  const server = await startTestServer({
    joinsPerMinutePerIp: 2,
    trustProxy,
    now: () => now,
    tuning: anySilence,
  })
  for (let n = 0; n < 2; n += 1) await (await server.connect(from('203.0.113.1'))).join('r')
  const third = await server.connect(from('203.0.113.1'))
  third.send({ type: 'join', v: 1, room: 'r' })
  const error = await third.next('error')
  expect(error).toMatchObject({ code: 'rate-limited', about: 'join', retryAfterMs: 30_000 })
  now += 30_000
  expect((await third.join('r')).peers).toHaveLength(2)
})

test('new connections are turned away while too much is queued for slow clients', async () => {
  const server = await startTestServer({
    tuning: { ...withoutRateLimits, maxQueuedBytesTotal: 200_000 },
  })
  const [a, slow] = [await server.member('r'), await server.member('r')]
  slow.client.socket.pause()
  // In small steps: at twice the limit, the slow client would be dropped.
  await expect.poll(() => sendLargeSignals(server, a, slow), patience).toBeGreaterThan(200_000)
  const late = await server.connect()
  expect(await late.next('error')).toMatchObject({ code: 'overloaded' })
  expect(await late.closed).toEqual({ code: 1013 })
  a.client.signal(slow.id)
  await a.client.settle()
})

test('at twice the total queue limit the slowest clients are dropped, and new connections are accepted', async () => {
  const server = await startTestServer({
    tuning: { ...withoutRateLimits, maxQueuedBytesTotal: 200_000, maxQueuedBytes: 1e9 },
  })
  const a = await server.member('r')
  const [slow, slower] = [await server.member('r'), await server.member('r')]
  for (const { client } of [slow, slower]) client.socket.pause()
  await expect.poll(() => sendLargeSignals(server, a, slow), patience).toBeGreaterThan(50_000)
  const isGone = async (): Promise<boolean> => {
    await sendLargeSignals(server, a, slower)
    return a.client.received('peer-updated').some(({ peer }) => peer.id === slower.id)
  }
  await expect.poll(isGone, patience).toBe(true)
  expect(a.client.received('peer-updated')).toHaveLength(1)
  const next = await server.connect()
  await next.join('r')
  slow.client.socket.resume()
  await slow.client.settle()
})

test('new connections are turned away while the event loop is late on every tick', async () => {
  const server = await startTestServer({ tuning: { maxLagMs: 20 } })
  const member = await server.member('r')
  let isBusy = true
  const blockEventLoop = (): void => {
    const until = performance.now() + 100
    while (performance.now() < until);
    if (isBusy) setImmediate(blockEventLoop)
  }
  onTestFinished(() => {
    isBusy = false
  })
  setImmediate(blockEventLoop)
  await expect.poll(async () => tryJoin(await server.connect()), patience).toBe('overloaded')
  expect(await read(server, 'skein_refused_total{reason="late"}')).toBeGreaterThan(0)
  await member.client.settle()
  isBusy = false
  await expect.poll(async () => tryJoin(await server.connect()), patience).toBe('welcome')
})

test('new connections are turned away while memory is short', async () => {
  const server = await startTestServer({ tuning: { maxMemoryShare: 1e-9 } })
  await expect.poll(async () => tryJoin(await server.connect()), patience).toBe('overloaded')
  expect(await read(server, 'skein_refused_total{reason="memory"}')).toBeGreaterThan(0)
  const ready = await fetch(`${server.httpUrl}/readyz`)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toMatchObject({ reasons: ['memory short'] })
})

/** High enough to fill the buffers of the kernel. */
const unlimited = { perSecond: 1e6, burst: 1e6 }
const withoutRateLimits = { signals: unlimited, others: unlimited }
const patience = { interval: 1, timeout: 20_000 }

const tryJoin = async (client: TestClient): Promise<string> => {
  client.send({ type: 'join', v: 1, room: 'r' })
  const answer = await client.next('welcome', 'error')
  return answer.type === 'error' ? answer.code : answer.type
}

/** Sends large signals to a client that does not read; returns how many bytes are queued then. */
const sendLargeSignals = async (server: TestServer, from: Member, to: Member): Promise<number> => {
  const sdp = 'x'.repeat(15_000)
  const big = { link: candidate.link, type: 'description', description: { type: 'offer', sdp } }
  // The kernel buffers some megabytes before anything is queued in the process.
  for (let n = 0; n < 4; n += 1) from.client.send({ type: 'signal', to: to.id, data: big })
  await from.client.settle()
  return read(server, 'skein_send_queue_bytes')
}

const read = async (server: TestServer, metric: string): Promise<number> => {
  const text = await (await fetch(`${server.httpUrl}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`${metric} `))
  return Number(line?.slice(metric.length + 1))
}
