import { Hono } from 'hono'
import { expect, test } from 'vitest'
import { Metrics } from '../telemetry/metrics.ts'
import { startTestServer } from '../testing/servers.ts'
import { metricsRoute } from './metrics-route.ts'

/** Requests the metrics from an address, as the HTTP server passes it on. */
const requestFrom = async (
  remoteAddress: string | undefined,
  {
    token = null,
    headers = {},
  }: { readonly token?: string | null; readonly headers?: Record<string, string> } = {},
): Promise<Response> =>
  new Hono()
    .get('/metrics', metricsRoute({ metrics: new Metrics(), token }))
    .request('/metrics', { headers }, { incoming: { socket: { remoteAddress } } })

test.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1'])(
  'without SKEIN_METRICS_TOKEN, %s can read the metrics',
  async (address) => {
    const response = await requestFrom(address)
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('skein_joins_total')
  },
)

test.each([
  '203.0.113.9',
  '10.0.0.1',
  '::ffff:203.0.113.9',
  '2001:db8::1',
  'fe80::1%eth0',
  undefined,
])('without SKEIN_METRICS_TOKEN, a request from %s is refused', async (address) => {
  const response = await requestFrom(address)
  expect(response.status).toBe(403)
  expect(await response.text()).toBe(
    'Metrics are for programs on the same machine; set SKEIN_METRICS_TOKEN to read them from others.',
  )
})

test('a forwarded header cannot make a request local', async () => {
  for (const headers of [{ 'X-Forwarded-For': '127.0.0.1' }, { Forwarded: 'for=127.0.0.1' }]) {
    expect((await requestFrom('203.0.113.9', { headers })).status).toBe(403)
  }
})

test('without SKEIN_METRICS_TOKEN, a request that a proxy on this machine passes on is refused', async () => {
  const server = await startTestServer({ trustProxy: ['127.0.0.1'] })
  const url = `${server.httpUrl}/metrics`
  for (const headers of [{ 'X-Forwarded-For': '203.0.113.9' }, { Forwarded: 'for=203.0.113.9' }]) {
    expect((await fetch(url, { headers })).status).toBe(403)
  }
  expect((await fetch(url)).status).toBe(200)
})

test('with SKEIN_METRICS_TOKEN, every address needs the token, and no address is refused with it', async () => {
  const headers = { Authorization: 'Bearer let me in' }
  for (const address of ['127.0.0.1', '203.0.113.9']) {
    expect((await requestFrom(address, { token: 'let me in' })).status).toBe(401)
    expect((await requestFrom(address, { token: 'let me in', headers })).status).toBe(200)
  }
})
