import { findBrowser } from '@skein/browser'
import { startServer } from '@skein/signal'
import { type Browser, chromium, type Page } from 'playwright'
import { createServer, type ViteDevServer } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'

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
  browser = await chromium.launch({ ...findBrowser() })
})

afterAll(async () => {
  await browser.close()
  await site.close()
  await signaling.close()
})

const open = async (): Promise<Page> => {
  const page = await (await browser.newContext()).newPage()
  const [url] = site.resolvedUrls?.local ?? []
  await page.goto(`${url}?signal=${encodeURIComponent(signaling.url)}`)
  return page
}

test('two pages meet, talk, call the host, and the role moves when its page closes', async () => {
  const first = await open()
  await first.getByText('I host among 1').waitFor()
  await first.getByText('the host says 42').waitFor()
  const second = await open()
  await second.getByText('a guest among 2').waitFor()
  await second.getByText('the host says 42').waitFor()

  for (const [from, to] of [
    [second, first],
    [first, second],
  ] as const) {
    await from.getByLabel('Say').fill('hello <b>you</b>')
    await from.getByRole('button').click()
    await to.getByText('says hello <b>you</b>').waitFor()
  }

  await first.close({ runBeforeUnload: true })
  await second.getByText('Ann left').waitFor()
  await second.getByText('term 2: I host').waitFor()
  expect(await second.getByRole('listitem').count()).toBeGreaterThan(4)
})
