import { findBrowser } from '@skein/browser'
import { startServer } from '@skein/signal'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import type { ViteDevServer } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startSite } from './site.ts'

const key = 'a key for this test, of 32 bytes or more'
let site: ViteDevServer
let browser: Browser
let signaling: Awaited<ReturnType<typeof startServer>>

beforeAll(async () => {
  signaling = await startServer({
    port: 0,
    host: '127.0.0.1',
    logLevel: 'silent',
    auth: 'token',
    jwtKey: key,
    jwtAudience: 'members',
  })
  site = await startSite({
    port: 0,
    key,
    audience: 'members',
    cookieSecret: 'a secret for this test',
    accounts: new Map([
      ['ann', { password: 'goose', rooms: ['club'] }],
      ['ben', { password: 'gander', rooms: ['club', 'cellar'] }],
    ]),
  })
  browser = await chromium.launch({ ...findBrowser() })
})

afterAll(async () => {
  await browser.close()
  await site.close()
  await signaling.close()
})

const open = async (context: BrowserContext, room: string): Promise<Page> => {
  const page = await context.newPage()
  const [url] = site.resolvedUrls?.local ?? []
  await page.goto(`${url}?room=${room}&signal=${encodeURIComponent(signaling.url)}`)
  return page
}

const logIn = async (page: Page, name: string, password: string): Promise<void> => {
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button').click()
}

test('users with an account can join their own rooms, each only once', async () => {
  const [anns, bens] = [await browser.newContext(), await browser.newContext()]
  const ann = await open(anns, 'club')
  await ann.getByText('unauthorized: Log in first.').waitFor()
  await logIn(ann, 'ann', 'wrong')
  await ann.getByText('Wrong name or password.').waitFor()
  await logIn(ann, 'ann', 'goose')
  await ann.getByText('joined club, other members: 0').waitFor()

  const ben = await open(bens, 'club')
  await logIn(ben, 'ben', 'gander')
  await ben.getByText('joined club, other members: 1').waitFor()
  await ann.getByText('someone joined').waitFor()

  const cellar = await open(anns, 'cellar')
  await cellar.getByText('unauthorized: No access.').waitFor()

  // Ben's second page joins right away with his cookie and replaces the first.
  const again = await open(bens, 'club')
  await again.getByText('joined club, other members: 1').waitFor()
  await ben.getByText('disconnected: A newer connection took over.').waitFor()
  expect(await ann.getByText('disconnected:').count()).toBe(0)
})
