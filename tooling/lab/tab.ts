import { type Browser, type BrowserContext, expect, type Page } from '@playwright/test'
import type { JoinOptions } from '@skein/sdk'
import type { LabView } from './page/lab-page.ts'

/** Where a tab joins. */
export interface RoomAddress {
  /** The port of the signaling server or of a proxy in front of it. */
  readonly signalPort: number
  readonly room: string
}

export interface OpenTab extends RoomAddress {
  readonly browser: Browser
  /** By default each tab has its own. */
  readonly context?: BrowserContext
  readonly maxMessageBytes?: number
  readonly iceTransportPolicy?: RTCIceTransportPolicy
  readonly rejoin?: 'session'
}

/** A page with one peer, controlled by a test. */
export class Tab {
  readonly page: Page
  readonly #context: BrowserContext
  readonly #options: JoinOptions

  private constructor(context: BrowserContext, page: Page, options: JoinOptions) {
    this.#context = context
    this.page = page
    this.#options = options
  }

  /** Opens a page in the given or a new context, and joins the room. */
  static async open({ browser, signalPort, room, ...options }: OpenTab): Promise<Tab> {
    const { maxMessageBytes, iceTransportPolicy, rejoin } = options
    const { context = await browser.newContext() } = options
    const page = await context.newPage()
    const tab = new Tab(context, page, {
      ...joinOptions({ signalPort, room }),
      ...(maxMessageBytes !== undefined && { maxMessageBytes }),
      ...(iceTransportPolicy !== undefined && { rtc: { iceTransportPolicy } }),
      ...(rejoin !== undefined && { rejoin }),
    })
    await page.goto('/')
    await tab.join()
    return tab
  }

  /** Joins from the page as it is loaded now: also after it was loaded anew. */
  async join(): Promise<void> {
    await this.page.waitForFunction(() => 'lab' in window)
    await this.page.evaluate((options) => window.lab.join(options), this.#options)
  }

  view(): Promise<LabView> {
    return this.page.evaluate(() => window.lab.view())
  }

  /** Broadcasts numbers and resolves once all were accepted. */
  send(first: number, end: number): Promise<void> {
    return this.page.evaluate((range) => window.lab.sendNumbers(range), { first, end })
  }

  received(from: string): Promise<readonly number[]> {
    return this.page.evaluate((id) => window.lab.received(id), from)
  }

  async close(): Promise<void> {
    await this.#context.close()
  }
}

/** The options of `joinRoom` that every tab needs. */
export const joinOptions = ({ signalPort, room }: RoomAddress) => ({
  url: `ws://127.0.0.1:${signalPort}/ws`,
  room,
})

/** Opens tabs one after the other, so that they join in order, and waits for the full mesh. */
export async function openMesh(options: OpenTab, count: number): Promise<Tab[]> {
  const tabs: Tab[] = []
  for (let index = 0; index < count; index++) tabs.push(await Tab.open(options))
  for (const tab of tabs)
    await expect.poll(async () => (await tab.view()).openLinks.length).toBe(count - 1)
  return tabs
}

/** The numbers from `first` up to but not including `end`. */
export const range = (first: number, end: number): number[] =>
  Array.from({ length: end - first }, (_, index) => first + index)
