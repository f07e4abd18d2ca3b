import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { findBrowser } from '@skein/browser'
import { startServer } from '@skein/signal'
import { type Browser, chromium } from 'playwright'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = new URL('..', import.meta.url).pathname
let site: ViteDevServer
let browser: Browser
let signaling: Awaited<ReturnType<typeof startServer>>
let node: ChildProcess

beforeAll(async () => {
  signaling = await startServer({ port: 0, host: '127.0.0.1', logLevel: 'silent' })
  site = await createServer({
    root,
    configFile: false,
    resolve: { conditions: ['@skein/source', 'module', 'browser', 'development|production'] },
    server: { port: 0, host: '127.0.0.1' },
    logLevel: 'silent',
  })
  await site.listen()
  browser = await chromium.launch({ ...findBrowser() })
  node = spawn(
    process.execPath,
    ['--conditions=@skein/source', 'src/main.ts', signaling.url, 'test'],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  if (!node.stdout) throw new Error('stdout is not a pipe')
  await once(createInterface(node.stdout), 'line')
})

afterAll(async () => {
  if (node.exitCode === null) node.kill('SIGKILL')
  await browser.close()
  await site.close()
  await signaling.close()
})

test('a Node peer and a browser exchange messages, and the Node peer exits cleanly on SIGTERM', async () => {
  const page = await browser.newPage()
  const [url] = site.resolvedUrls?.local ?? []
  await page.goto(`${url}`)
  // A string, because the test runner would rewrite the import inside a function.
  const script = `import('/src/browser-peer.ts').then(({ talkToNode }) => talkToNode('${signaling.url}', 'test'))`
  const result = await page.evaluate<{ readonly time: string }>(script)
  expect(result).toMatchObject({
    welcome: 'welcome',
    reply: 'you said hello',
    isReversed: true,
    bytes: 1_000_000,
    host: 'me',
    link: 'open',
  })
  expect(Date.parse(result.time)).toBeGreaterThan(0)
  node.kill('SIGTERM')
  expect(await once(node, 'exit')).toEqual([0, null])
})
