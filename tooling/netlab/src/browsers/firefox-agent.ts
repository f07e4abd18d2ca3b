// `node firefox-agent.ts DIRECTORY HOST`: drives a Firefox as its parent process orders.
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '@skein/needs'
import puppeteer, { type Page } from 'puppeteer-core'
import { readyCode } from './browser.ts'

export type Order =
  | { readonly id: number; readonly type: 'ping' }
  | { readonly id: number; readonly type: 'open'; readonly url: string }
  | { readonly id: number; readonly type: 'evaluate'; readonly tab: number; readonly code: string }
  | { readonly id: number; readonly type: 'go'; readonly tab: number; readonly url: string }
  | { readonly id: number; readonly type: 'close'; readonly tab: number }

export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }

const [directory = '', host = ''] = process.argv.slice(2)

const executablePath = findProgram('firefox')
if (executablePath === null) throw new Error('Firefox is not on the PATH')

const browser = await puppeteer.launch({
  browser: 'firefox',
  executablePath,
  headless: true,
  userDataDir: mkdtempSync(join(directory, 'firefox-')),
  timeout: 90_000,
  protocolTimeout: 600_000,
  extraPrefsFirefox: {
    // Host candidates carry addresses instead of mDNS names, which not every machine resolves.
    'media.peerconnection.ice.obfuscate_host_addresses': false,
    // The origin of the page counts as secure, for WebCrypto.
    'dom.securecontext.allowlist': host,
    // Windows behind the first keep fast timers: several rooms suffer a fault at once.
    'dom.min_background_timeout_value': 4,
  },
})

const pages = new Map<number, Page>()

const pageOf = (tab: number): Page => {
  const page = pages.get(tab)
  if (!page) throw new Error(`no tab ${tab}`)
  return page
}

async function obey(order: Order): Promise<unknown> {
  switch (order.type) {
    case 'ping':
      return null
    case 'open': {
      const page = await browser.newPage({ type: 'window' })
      await page.goto(order.url)
      await page.evaluate(readyCode)
      pages.set(order.id, page)
      return order.id
    }
    case 'evaluate':
      return pageOf(order.tab).evaluate(order.code)
    case 'go':
      return void (await pageOf(order.tab).goto(order.url))
    case 'close':
      return pageOf(order.tab).close()
  }
}

process.on('message', async (order: Order) => {
  const reply: Reply = await obey(order).then(
    (result) => ({ id: order.id, result: result ?? null }),
    (error: unknown) => ({ id: order.id, error: String(error) }),
  )
  process.send?.(reply)
})
process.once('disconnect', () => {
  void browser.close().finally(() => process.exit(0))
})
