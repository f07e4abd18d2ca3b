import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { preview } from 'vite'
import { test as base, expect } from './site-test.ts'

const dist = fileURLToPath(new URL('../dist', import.meta.url))

interface StaticHost {
  readonly url: string
  /** Writes `config.json` beside the site. */
  readonly configure: (text: string) => Promise<void>
}

/** The site on a static host that knows nothing of the signaling server. */
const test = base.extend<{ readonly host: StaticHost }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture names from the pattern
  host: async ({}, use) => {
    const root = await mkdtemp(join(tmpdir(), 'skein-static-'))
    await cp(dist, root, { recursive: true })
    const host = await preview({
      configFile: false,
      root,
      build: { outDir: '.' },
      logLevel: 'silent',
      preview: { host: '127.0.0.1', port: 0 },
    })
    const configure = (text: string) => writeFile(join(root, 'config.json'), text)
    await use({ url: `http://127.0.0.1:${portOf(host.httpServer)}/`, configure })
    await host.close()
    await rm(root, { recursive: true })
  },
})

function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

test('config.json on a static host names the signaling server, and people meet', async ({
  visit,
  server,
  host,
  room,
}) => {
  await host.configure(JSON.stringify({ signal: `${server.url.replace('http', 'ws')}/ws` }))
  const ann = await visit('Ann', { context: { baseURL: host.url } })
  const ben = await visit('Ben', { context: { baseURL: host.url } })
  await ann.enter(room)
  await ben.enter(room)
  await ann.waitForLinks([ben])
  await ann.send('Good morning')
  await expect(ben.message('Good morning')).toBeVisible()
})

test('a config.json that cannot be used is named, and once it is mended people get in', async ({
  visit,
  server,
  host,
  room,
}) => {
  await host.configure('{ "signal": ')
  const { page, screen } = await visit('Ann', { context: { baseURL: host.url } })
  await page.goto(`${host.url}#/r/${room}`)
  await expect(page.getByRole('alert')).toContainText('config.json')
  await host.configure(JSON.stringify({ signal: `${server.url.replace('http', 'ws')}/ws` }))
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(screen).toHaveAttribute('data-status', 'connected')
})

test('/r/NAME leads to the room, and a wrong path to a page that leads to the start', async ({
  visit,
  server,
  room,
}) => {
  const { page, screen } = await visit('Ann')
  await page.goto(`${server.url}/r/${room}`)
  await expect(screen).toHaveAttribute('data-room', room)
  expect(page.url()).toBe(`${server.url}/#/r/${room}`)
  const response = await page.goto(`${server.url}/no/such/page`)
  expect(response?.status()).toBe(404)
  await page.getByRole('link', { name: 'Open a room' }).click()
  await expect(page.getByLabel('Room name')).toBeVisible()
})

test('the start page takes at most 45 KiB, and no code of rooms', async ({ browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url })
  const page = await context.newPage()
  const devtools = await context.newCDPSession(page)
  await devtools.send('Network.enable')
  const names = new Map<string, string>()
  let bytes = 0
  let isReady = false
  devtools.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (!isReady) names.set(requestId, new URL(request.url).pathname)
  })
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (names.has(requestId)) bytes += encodedDataLength
  })
  // Nothing is preloaded before the form is there, however fast the machine is.
  await page.addInitScript(() => Object.assign(window, { requestIdleCallback: () => 0 }))
  await page.goto('/')
  await expect(page.getByRole('button', { name: 'Join room' })).toBeEnabled()
  isReady = true
  await page.waitForLoadState('networkidle')
  console.log(`${bytes} bytes for the start page: ${[...names.values()].join(' ')}`)
  expect(bytes).toBeGreaterThan(10_000)
  expect(bytes).toBeLessThanOrEqual(45 * 1024)
  expect([...names.values()].filter((name) => /room/i.test(name))).toEqual([])
  await context.close()
})

test('a room whose code does not load says so, and loads with the next try', async ({
  visit,
  room,
}) => {
  const { page, screen } = await visit('Ann')
  await page.route('**/assets/RoomScreen-*.js', (route) => route.abort())
  await page.goto(`/#/r/${room}`)
  await page.reload()
  await expect(page.getByRole('alert')).toContainText('did not load')
  await page.unroute('**/assets/RoomScreen-*.js')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(screen).toHaveAttribute('data-status', 'connected')
})
