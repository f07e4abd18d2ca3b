import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from './lab-test.ts'
import { ServerProcess } from './server-process.ts'
import { range, type Tab } from './tab.ts'

test('when the server is killed and restarted, no channel closes, and ids, host and term stay', async ({
  mesh,
  server,
}) => {
  await expectToSurviveRestart(await mesh(3), server)
})

test('the same without any setting: the server keeps a secret of its own', async ({ mesh }) => {
  const home = mkdtempSync(join(tmpdir(), 'skein-lab-'))
  // An empty setting counts as not set.
  const unset = { SKEIN_SECRET: '', SKEIN_STATE_DIR: '', STATE_DIRECTORY: '' }
  const server = await ServerProcess.start({ ...unset, XDG_STATE_HOME: home })
  try {
    await expectToSurviveRestart(await mesh(3, { signalPort: server.port }), server)
  } finally {
    await server.kill()
    rmSync(home, { recursive: true })
  }
})

async function expectToSurviveRestart(tabs: readonly Tab[], server: ServerProcess): Promise<void> {
  const [ann] = tabs
  if (!ann) throw new Error('expected three tabs')
  const before = await Promise.all(tabs.map((tab) => tab.view()))
  const from = before[0]?.self ?? ''

  await server.kill()
  for (const tab of tabs) await expect.poll(async () => (await tab.view()).status).toBe('degraded')
  await ann.send(0, 100)
  for (const tab of tabs.slice(1))
    await expect.poll(() => tab.received(from)).toEqual(range(0, 100))

  await server.start()
  for (const tab of tabs) await expect.poll(async () => (await tab.view()).status).toBe('connected')
  await ann.send(100, 200)
  for (const [index, tab] of tabs.entries()) {
    if (index > 0) await expect.poll(() => tab.received(from)).toEqual(range(0, 200))
    const after = await tab.view()
    const { self, host, term, epoch, peers, connections } = before[index] ?? after
    expect(after).toMatchObject({ self, host, term, epoch, channelsClosed: 0, connections })
    expect(new Set(after.peers)).toEqual(new Set(peers))
    expect(after.events.filter(({ type }) => type === 'hostchange')).toEqual([])
    expect(after.events.filter(({ type }) => type === 'peerleave')).toEqual([])
  }
}
