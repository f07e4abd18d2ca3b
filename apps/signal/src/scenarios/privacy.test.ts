import { expect, onTestFinished, test } from 'vitest'
import { needs } from '../testing/needs.ts'
import { startRedis } from '../testing/redis-server.ts'
import { startTestServer } from '../testing/servers.ts'
import { tokenAuth, tokenFor } from '../testing/token-auth.ts'

test('logs and metrics contain neither what people say nor where they are', async () => {
  const lines: string[] = []
  const server = await startTestServer({
    secret: 'private-secret-of-at-least-32-bytes',
    rebuildMs: 0,
    logLevel: 'trace',
    logTo: { write: (line) => void lines.push(line) },
    turnUrls: ['turn:turn.example.org'],
    turnSecret: 'private-turn',
    metricsToken: 'private-metrics',
  })
  const presence = { name: 'private-name' }
  const [a, b] = [
    await server.member('private-room', { presence, token: 'private-jwt' }),
    await server.member('private-room'),
  ]
  const link = { local: 'private-link', remote: null }
  const description = { type: 'offer', sdp: 'private-sdp' } as const
  a.client.signal(b.id, { link, type: 'description', description })
  const candidate = { candidate: 'private-candidate 127.0.0.1' }
  a.client.signal(b.id, { link, type: 'candidate', candidate })
  a.client.sendRaw('{"private-nonsense')
  a.client.sendRaw(Buffer.from('private-binary'))
  await a.client.settle()
  b.client.drop()
  const again = await server.connect()
  await again.join('private-room', { resume: b.resume })
  again.send({ type: 'leave' })
  await again.closed
  const authorization = 'Bearer private-metrics'
  const metrics = await fetch(`${server.httpUrl}/metrics`, { headers: { authorization } })
  expect(metrics.status).toBe(200)
  a.client.drop()
  await server.drain()
  const published = lines.join('') + (await metrics.text())
  expect(published).toContain('listening')
  expect(published).toContain('draining')
  expect(published).toContain('skein_connections')
  for (const secret of ['private', '127.0.0.1', a.id, b.id, a.resume, b.resume, 'turn.example']) {
    expect(published).not.toContain(secret)
  }
})

test('logs and metrics contain neither tokens nor their claims', async () => {
  const lines: string[] = []
  const logTo = { write: (line: string) => void lines.push(line) }
  const server = await startTestServer({ ...tokenAuth, logLevel: 'trace', logTo })
  const token = await tokenFor({ sub: 'private-sub', kick: true })
  const [a, b] = [await server.member('calm', { token }), await server.member('calm', { token })]
  const wrong = await tokenFor({ sub: 'private-sub', room: 'private-room' })
  const visitor = await server.connect()
  visitor.send({ type: 'join', v: 1, room: 'calm', token: wrong })
  await visitor.closed
  a.client.send({ type: 'kick', id: b.id, reason: 'private-reason' })
  await b.client.closed
  const metrics = await (await fetch(`${server.httpUrl}/metrics`)).text()
  const published = lines.join('') + metrics
  expect(published).toContain('listening')
  expect(metrics).toMatch(/code="unauthorized"\} 1$/m)
  for (const secret of ['private', tokenAuth.jwtKey ?? '', token, wrong]) {
    expect(published).not.toContain(secret)
  }
})

test('logs and metrics do not contain the addresses of visitors behind a proxy', async () => {
  const lines: string[] = []
  const logTo = { write: (line: string) => void lines.push(line) }
  const server = await startTestServer({ logLevel: 'trace', logTo })
  const headers = { 'X-Forwarded-For': '203.0.113.9', 'User-Agent': 'private-browser' }
  const client = await server.connect({ headers })
  await client.join('private-room')
  await expect.poll(() => lines.join(''), { timeout: 10_000 }).toContain('SKEIN_TRUST_PROXY')
  const metrics = await (await fetch(`${server.httpUrl}/metrics`)).text()
  for (const secret of ['private', '203.0.113', '127.0.0.1']) {
    expect(lines.join('') + metrics).not.toContain(secret)
  }
})

if (needs('redis-server')) {
  test('logs and metrics do not contain the address, password or data of the store, even while it fails', async () => {
    const redis = await startRedis({ args: ['--requirepass', 'private-password'] })
    onTestFinished(() => redis.stop())
    const lines: string[] = []
    const shared = {
      redisUrl: redis.url.replace('//', '//:private-password@'),
      secret: 'private-secret-of-at-least-32-bytes',
      rebuildMs: 0,
      logLevel: 'trace',
      logTo: { write: (line: string) => void lines.push(line) },
    } as const
    const [one, two] = [await startTestServer(shared), await startTestServer(shared)]
    const presence = { name: 'private-name' }
    const [a, b] = [
      await one.member('private-room', { presence }),
      await two.member('private-room'),
    ]
    const link = { local: 'private-link', remote: null }
    a.client.signal(b.id, { link, type: 'candidate', candidate: { candidate: 'private-one' } })
    await b.client.next('signal')
    await redis.stop()
    const log = (): string => lines.join('')
    await expect.poll(log, { timeout: 20_000 }).toContain('redis connection lost')
    const late = await one.connect()
    late.send({ type: 'join', v: 1, room: 'private-room' })
    await late.nextError('overloaded')
    await expect.poll(log, { timeout: 20_000 }).toContain('room change not stored')
    const published = log() + (await (await fetch(`${one.httpUrl}/metrics`)).text())
    for (const secret of ['private', '127.0.0.1', `:${redis.port}`, a.id, b.id, a.resume]) {
      expect(published).not.toContain(secret)
    }
  })
}
