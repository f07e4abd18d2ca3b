import { findProgram } from '@skein/needs'
import type { JoinOptions } from '@skein/sdk'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import type { LabView } from './page/lab-page.ts'
import { joinOptions, type RoomAddress } from './tab.ts'

/** Starts Firefox. Puppeteer drives a stock one over WebDriver BiDi; Playwright needs its own. */
export async function launchFirefox(): Promise<Browser> {
  const executablePath = findProgram('firefox')
  if (executablePath === null) throw new Error('Firefox is not on the PATH')
  return puppeteer.launch({
    browser: 'firefox',
    executablePath,
    headless: true,
    // Host candidates carry addresses instead of mDNS names, which not every machine resolves.
    extraPrefsFirefox: {
      'media.peerconnection.ice.obfuscate_host_addresses': false,
      // The TURN server of the tests listens on the loopback address.
      'media.peerconnection.ice.loopback': true,
    },
  })
}

export interface OpenFirefoxTab {
  readonly browser: Browser
  readonly baseURL: string
  readonly address: RoomAddress
  readonly rejoin?: 'session'
  readonly rtc?: RTCConfiguration
}

/** A page in Firefox with one peer, controlled by a test. */
export class FirefoxTab {
  readonly page: Page

  readonly #options: JoinOptions

  private constructor(page: Page, options: JoinOptions) {
    this.page = page
    this.#options = options
  }

  /** Opens a page in a new tab and joins the room. */
  static async open({
    browser,
    baseURL,
    address,
    rejoin,
    rtc,
  }: OpenFirefoxTab): Promise<FirefoxTab> {
    const page = await browser.newPage()
    await page.goto(baseURL)
    const own = { ...(rejoin !== undefined && { rejoin }), ...(rtc !== undefined && { rtc }) }
    const options = { ...joinOptions(address), ...own }
    const tab = new FirefoxTab(page, options)
    await tab.join()
    return tab
  }

  /** Joins from the page as it is loaded now: also after it was loaded anew. */
  async join(): Promise<void> {
    await this.page.waitForFunction(() => 'lab' in window)
    await this.page.evaluate((options) => window.lab.join(options), this.#options)
  }

  async isInRoom(): Promise<boolean> {
    await this.page.waitForFunction(() => 'lab' in window)
    return this.page.evaluate(() => window.lab.isInRoom())
  }

  view(): Promise<LabView> {
    return this.page.evaluate(() => window.lab.view())
  }

  /** Broadcasts numbers and resolves once all were accepted. */
  async send(first: number, end: number): Promise<void> {
    await this.page.evaluate((range) => window.lab.sendNumbers(range), { first, end })
  }

  received(from: string): Promise<readonly number[]> {
    return this.page.evaluate((id) => window.lab.received(id), from)
  }

  async reload(): Promise<void> {
    await this.page.reload()
  }

  /** Follows a link to a page without a peer. */
  async followLink(): Promise<void> {
    await Promise.all([this.page.waitForNavigation(), this.page.click('a')])
  }

  async goBack(): Promise<void> {
    await this.page.goBack()
  }

  /** Closes the tab as a person does. */
  async closeTab(): Promise<void> {
    await this.page.close({ runBeforeUnload: true })
  }

  async close(): Promise<void> {
    if (!this.page.isClosed()) await this.page.close()
  }
}
