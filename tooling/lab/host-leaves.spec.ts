import { setTimeout } from 'node:timers/promises'
import { defaultLimits } from '@skein/protocol'
import { expect, test } from './lab-test.ts'
import type { LabView } from './page/lab-page.ts'
import { Tab } from './tab.ts'

const { memberGraceMs, hostGraceMs } = defaultLimits

/** Shorter than every grace period. */
const outageMs = 3_000

const hostChanges = (view: LabView) => view.events.filter(({ type }) => type === 'hostchange')

/** Every tab sees exactly one host change: to `next`, in the next term, with this reason. */
async function expectHost(
  tabs: readonly Tab[],
  { next, reason }: { readonly next: LabView; readonly reason: 'left' | 'timeout' },
): Promise<void> {
  const [host, term] = [next.self, next.term + 1]
  for (const tab of tabs) {
    await expect.poll(async () => (await tab.view()).term).toBe(term)
    const view = await tab.view()
    expect(view.host).toBe(host)
    expect(hostChanges(view)).toEqual([{ type: 'hostchange', host, term, reason }])
  }
}

test('when the host navigates away, the next host takes over at once', async ({ mesh }) => {
  const [host, ...others] = await mesh(3)
  const next = await others[0]?.view()
  if (!host || !next) throw new Error('expected three tabs')
  await host.page.goto('about:blank')
  await expectHost(others, { next, reason: 'left' })
})

test('when the renderer of the host crashes, the next host takes over after the grace period', async ({
  mesh,
}) => {
  const [host, ...others] = await mesh(3)
  const next = await others[0]?.view()
  if (!host || !next) throw new Error('expected three tabs')
  const crashed = host.page.waitForEvent('crash')
  const crashedAt = Date.now()
  await Promise.all([crashed, host.page.goto('chrome://crash').catch(() => null)])
  await expectHost(others, { next, reason: 'timeout' })
  expect(Date.now() - crashedAt).toBeGreaterThanOrEqual(hostGraceMs)
})

test('when the host loses signaling, the next host takes over after the grace period, and links stay', async ({
  tab,
  cutProxy,
}) => {
  const host = await tab({ signalPort: cutProxy.port })
  const others = [await tab(), await tab()]
  for (const one of [host, ...others])
    await expect.poll(async () => (await one.view()).openLinks.length).toBe(2)
  const next = await others[0]?.view()
  if (!next) throw new Error('expected three tabs')
  const cutAt = Date.now()
  cutProxy.cut()
  await expectHost(others, { next, reason: 'timeout' })
  expect(Date.now() - cutAt).toBeGreaterThanOrEqual(hostGraceMs)
  // The messages of the others prove that it is not host any more.
  await expect.poll(async () => (await host.view()).host).toBe(null)
  const old = await host.view()
  expect(old.status).toBe('degraded')
  await host.send(0, 10)
  await expect.poll(() => others[1]?.received(old.self)).toHaveLength(10)
})

test('when the browser of the host freezes, the next host takes over within 12 s', async ({
  playwright,
  launchOptions,
  baseURL,
  server,
  room,
  tab,
}) => {
  const frozen = await playwright.chromium.launchServer(launchOptions)
  const { pid } = frozen.process()
  if (pid === undefined || baseURL === undefined) throw new Error('the browser has not started')
  const remote = await playwright.chromium.connect(frozen.wsEndpoint())
  const context = await remote.newContext({ baseURL })
  const host = await Tab.open({ browser: remote, context, signalPort: server.port, room })
  const others = [await tab(), await tab()]
  for (const one of [host, ...others])
    await expect.poll(async () => (await one.view()).openLinks.length).toBe(2)
  const next = await others[0]?.view()
  if (!next) throw new Error('expected three tabs')
  const frozenAt = Date.now()
  // All its processes: as if its network dropped every packet, its socket stays open.
  process.kill(-pid, 'SIGSTOP')
  try {
    await expectHost(others, { next, reason: 'timeout' })
    expect(Date.now() - frozenAt).toBeLessThan(12_000)
  } finally {
    process.kill(-pid, 'SIGCONT')
    await frozen.close()
  }
})

test('when signaling is down for 3 s, ids and host stay and no peer leaves', async ({
  tab,
  cutProxy,
}) => {
  const host = await tab({ signalPort: cutProxy.port })
  const other = await tab()
  await expect.poll(async () => (await other.view()).openLinks.length).toBe(1)
  const before = await host.view()
  cutProxy.cut()
  await expect.poll(async () => (await host.view()).status).toBe('degraded')
  await setTimeout(outageMs)
  cutProxy.restore()
  await expect.poll(async () => (await host.view()).status).toBe('connected')
  // After every grace period, so that any effect of the outage would show.
  await setTimeout(memberGraceMs - outageMs)
  const after = await host.view()
  expect([after.self, after.host, after.term]).toEqual([before.self, before.self, before.term])
  expect((await other.view()).events.filter(({ type }) => type !== 'peerjoin')).toEqual([])
  expect(after.channelsClosed).toBe(0)
})
