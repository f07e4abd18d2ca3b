import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { findBrowser } from '@skein/browser'
import puppeteer, {
  type CDPSession,
  type Page,
  type Browser as PuppeteerBrowser,
} from 'puppeteer-core'
import type { Namespaces } from '../network/namespaces.ts'
import { clientOf, type Side } from '../network/sides.ts'
import { type Browser, type PageMemory, readyCode, type Tab, toCall } from './browser.ts'

export interface BrowserOptions {
  readonly namespaces: Namespaces
  readonly side: Side
  /** The origin of the page; it counts as secure, for WebCrypto. */
  readonly origin: string
  /** Trusts certificates of the test CA that has this key. */
  readonly caKeyHash: string
  /** Slows down the timers of hidden tabs as for users, but after 10 s already. */
  readonly isThrottled: boolean
  /** What Chromium answers itself when it asks before it uses the local network. */
  readonly mayUseLan: boolean | null
}

/** Puppeteer switches these off for hidden tabs to be as fast as visible ones. */
const unthrottled = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]

export async function launchChromium(options: BrowserOptions): Promise<Browser> {
  const { namespaces, side, origin, caKeyHash, isThrottled, mayUseLan } = options
  const found = findBrowser()
  if (!found) throw new Error('no Chromium found')
  const browser = await puppeteer.launch({
    executablePath: namespaces.launcher(clientOf(side), found.executablePath),
    pipe: true,
    headless: true,
    env: found.env,
    userDataDir: mkdtempSync(join(namespaces.directory, 'chromium-')),
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    protocolTimeout: 600_000,
    ignoreDefaultArgs: isThrottled ? unthrottled : [],
    args: [
      ...found.args,
      '--disable-gpu',
      `--unsafely-treat-insecure-origin-as-secure=${origin}`,
      `--ignore-certificate-errors-spki-list=${caKeyHash}`,
      ...featureFlags(options),
    ],
  })
  if (mayUseLan !== null) await setPermission(browser, { origin, isGranted: mayUseLan })
  return {
    kind: 'chromium',
    openTab: async (url) => {
      // A hidden tab needs a window with another in it.
      const page = await browser.newPage({ type: isThrottled ? 'tab' : 'window' })
      await page.goto(url)
      await page.evaluate(readyCode)
      return toTab(page)
    },
    isRunning: () => browser.connected,
  }
}

function featureFlags({ isThrottled, mayUseLan }: BrowserOptions): readonly string[] {
  const features = [
    ...(isThrottled ? ['IntensiveWakeUpThrottling:grace_period_seconds/10'] : []),
    ...(mayUseLan === null ? [] : ['LocalNetworkAccessChecksWebRTC']),
  ]
  return features.length === 0 ? [] : [`--enable-features=${features.join()}`]
}

interface Permission {
  readonly origin: string
  readonly isGranted: boolean
}

async function setPermission(browser: PuppeteerBrowser, { origin, isGranted }: Permission) {
  const devTools = await browser.target().createCDPSession()
  await devTools.send('Browser.setPermission', {
    permission: { name: 'local-network' },
    setting: isGranted ? 'granted' : 'denied',
    origin,
  })
}

async function toTab(page: Page): Promise<Tab> {
  const devTools = await page.createCDPSession()
  await devTools.send('Performance.enable')
  return {
    call: toCall((code) => page.evaluate(code)),
    navigateAway: async () => {
      await page.goto(new URL('elsewhere.html', page.url()).href)
    },
    close: () => page.close(),
    chromium: {
      devTools,
      hide: async () => {
        const cover = await page.browser().newPage()
        await cover.bringToFront()
      },
      show: () => page.bringToFront(),
      readMemory: () => readMemory(page, devTools),
    },
  }
}

async function readMemory(page: Page, devTools: CDPSession): Promise<PageMemory> {
  await devTools.send('HeapProfiler.collectGarbage')
  const prototype = await page.evaluateHandle('RTCPeerConnection.prototype')
  const instances = await page.queryObjects(prototype)
  const connections = await page.evaluate((list) => Object.keys(list).length, instances)
  await Promise.all([prototype.dispose(), instances.dispose()])
  const { metrics } = await devTools.send('Performance.getMetrics')
  const metric = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? 0
  return {
    connections,
    listeners: metric('JSEventListeners'),
    heapKb: Math.round(metric('JSHeapUsedSize') / 1_024),
  }
}
