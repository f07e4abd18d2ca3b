import { expect, test } from 'vitest'
import { metricEntries } from '../reference.ts'
import { startTestServer, type TestServer } from '../testing/servers.ts'

const read = async (server: TestServer): Promise<string> =>
  (await fetch(`${server.httpUrl}/metrics`)).text()

test('joins, signals, host changes, errors and rejections are counted', async () => {
  const server = await startTestServer({ origins: ['https://example.org'] })
  const [a, b] = [await server.member('r'), await server.member('r')]
  const before = await read(server)
  expect(before).toMatch(/^skein_connections 2$/m)
  expect(before).toMatch(/^skein_rooms 1$/m)
  expect(before).toMatch(/^skein_members 2$/m)
  expect(before).toMatch(/^skein_joins_total\{kind="fresh"\} 2$/m)
  a.client.signal(b.id)
  await b.client.next('signal')
  a.client.signal('unknown')
  await a.client.next('error')
  const again = await server.connect()
  await again.join('r', { resume: b.resume })
  await a.client.leave()
  await again.next('host')
  const rejected = await server.connect({ headers: { Origin: 'https://evil.test' } })
  await rejected.closed
  const after = await read(server)
  expect(after).toMatch(/^skein_relayed_signals_total 1$/m)
  expect(after).toMatch(/^skein_relayed_bytes_total [1-9]\d+$/m)
  expect(after).toMatch(/^skein_joins_total\{kind="resumed"\} 1$/m)
  expect(after).toMatch(/^skein_host_changes_total\{reason="left"\} 1$/m)
  expect(after).toMatch(/^skein_errors_total\{code="peer-not-found"\} 1$/m)
  expect(after).toMatch(/^skein_refused_total\{reason="origin"\} 1$/m)
  expect(after).toMatch(/^skein_closed_total\{code="4502"\} 1$/m)
  for (const name of ['skein_send_queue_bytes', 'skein_event_loop_lag_seconds']) {
    expect(after).toMatch(new RegExp(`^${name} \\d`, 'm'))
  }
  expect(after).toMatch(/^skein_step_seconds_count [1-9]/m)
  expect(after).toMatch(/^skein_store_seconds_count [1-9]/m)
  expect(after).toMatch(/^process_resident_memory_bytes [1-9]/m)
})

test('every series exists at zero from the start', async () => {
  const server = await startTestServer()
  const text = await read(server)
  const entries = await metricEntries()
  expect(entries.length).toBeGreaterThan(15)
  for (const { name, type, label, values } of entries) {
    expect(text).toContain(`# TYPE ${name} ${type}\n`)
    for (const value of values) expect(text).toContain(`${name}{${label}="${value}"} 0\n`)
  }
  expect(text).toContain('skein_errors_total{code="rate-limited"} 0\n')
  expect(text).toContain('skein_closed_total{code="4002"} 0\n')
})

test('clients cannot add a series', async () => {
  const server = await startTestServer({ origins: ['https://example.org'] })
  const known = (await read(server)).split('\n').map(seriesOf)
  const hostile = await server.connect()
  for (const frame of ['{', '[]', '{"type":"x"}', '{"type":"join","v":9,"room":"r"}']) {
    hostile.sendRaw(frame)
  }
  hostile.socket.close(4999)
  await hostile.closed
  const rejected = await server.connect({ headers: { Origin: 'https://evil.test' } })
  await rejected.closed
  const a = await server.member('a room with a name {of="its"} own')
  a.client.sendRaw(Buffer.alloc(70_000))
  await a.client.closed
  for (let n = 0; n < 3; n += 1) await fetch(`${server.httpUrl}/no/${n}?such=page`)
  expect((await read(server)).split('\n').map(seriesOf)).toEqual(known)
})

test('connections, members, rooms and queued bytes return to zero when everyone has left', async () => {
  const server = await startTestServer({ memberGraceMs: 50, hostGraceMs: 50 })
  const members = [await server.member('r'), await server.member('r'), await server.member('s')]
  const visitor = await server.connect()
  expect(await read(server)).toMatch(/^skein_connections 4$/m)
  expect(await read(server)).toMatch(/^skein_rooms 2$/m)
  for (const { client } of members.slice(0, 2)) await client.leave()
  members[2]?.client.drop()
  visitor.drop()
  for (const name of ['connections', 'members', 'rooms', 'send_queue_bytes']) {
    await expect
      .poll(() => read(server), { timeout: 10_000 })
      .toMatch(new RegExp(`^skein_${name} 0$`, 'm'))
  }
})

/** Strips the value from a line. */
const seriesOf = (line: string): string => line.replace(/ \S+$/, '')

test('with SKEIN_METRICS_TOKEN, /metrics requires the bearer token', async () => {
  const server = await startTestServer({ metricsToken: 'let me in' })
  const fetchMetrics = (authorization?: string): Promise<Response> =>
    fetch(`${server.httpUrl}/metrics`, authorization ? { headers: { authorization } } : {})
  expect((await fetchMetrics()).status).toBe(401)
  expect((await fetchMetrics('Bearer let me out')).status).toBe(401)
  expect((await fetchMetrics('Basic let me in')).status).toBe(401)
  expect((await fetchMetrics('Bearer let me in')).status).toBe(200)
})
