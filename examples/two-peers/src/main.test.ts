import { findBrowser } from '@skein/browser'
import { startServer } from '@skein/signal'
import { type Browser, chromium } from 'playwright'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

/** Generous, because machines under load are slow. */
const timeout = 30_000

let site: ViteDevServer
let browser: Browser
let signaling: Awaited<ReturnType<typeof startServer>>

beforeAll(async () => {
  signaling = await startServer({ port: 0, host: '127.0.0.1', logLevel: 'silent' })
  site = await createServer({
    root: new URL('..', import.meta.url).pathname,
    server: { port: 0, host: '127.0.0.1' },
    logLevel: 'silent',
  })
  await site.listen()
  const found = findBrowser()
  // The page connects to port 8787. Map it to the server of this test.
  const { host } = new URL(signaling.url)
  const args = [...(found?.args ?? []), `--host-resolver-rules=MAP localhost:8787 ${host}`]
  browser = await chromium.launch({ ...found, args })
})

afterAll(async () => {
  await browser.close()
  await site.close()
  await signaling.close()
})

/** Opens the page and collects the lines of its console. */
const open = async () => {
  const page = await (await browser.newContext()).newPage()
  const lines: string[] = []
  page.on('console', (message) => lines.push(message.text()))
  const [url] = site.resolvedUrls?.local ?? []
  await page.goto(`${url}`)
  const logs = (line: RegExp) =>
    expect.poll(() => lines, { timeout }).toContainEqual(expect.stringMatching(line))
  return { page, lines, logs }
}

test('two pages meet, talk, call the host, and the role moves when its page closes', async () => {
  const first = await open()
  await first.logs(/^I am the host, term 1$/)
  await first.logs(/^the host says 42$/)
  const second = await open()
  await second.logs(/^the host says 42$/)

  for (const [from, to] of [
    [second, first],
    [first, second],
  ] as const) {
    await from.page.getByRole('heading').click()
    await to.logs(/^\S+ says hello$/)
  }

  expect(second.lines.join()).not.toContain('I am the host')
  await first.page.close({ runBeforeUnload: true })
  await second.logs(/^I am the host, term 2$/)
})
