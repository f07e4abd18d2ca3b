import { randomUUID } from 'node:crypto'
import type { Browser, Page } from 'playwright'
import type { Bench } from '../page/bench-page.ts'
import type { Servers } from '../page/contestant.ts'
import type { Name } from '../page/contestants/all.ts'

/** The browser, and what its pages need. */
export interface Stage {
  readonly browser: Browser
  readonly url: string
  readonly servers: Servers
}

/** How long the link took to open, as seen by the joining page. */
export interface Opening {
  readonly openMs: number
  /** Until the first message of the joining page arrived. */
  readonly firstMs: number
}

/** Two pages in separate renderer processes, with one contestant's code loaded in both. */
export class Pair {
  readonly sender: Page
  readonly receiver: Page
  readonly #servers: Servers

  private constructor(pages: { readonly sender: Page; readonly receiver: Page }, servers: Servers) {
    this.sender = pages.sender
    this.receiver = pages.receiver
    this.#servers = servers
  }

  static async open({ browser, url, servers }: Stage, contestant: Name): Promise<Pair> {
    const [sender, receiver] = await Promise.all([
      openPage({ browser, url, contestant }),
      openPage({ browser, url, contestant }),
    ])
    return new Pair({ sender, receiver }, servers)
  }

  /** The receiver waits in a new room; the sender joins. */
  async connect(): Promise<Opening> {
    const setup = { room: `bench-${randomUUID()}`, servers: this.#servers }
    await this.receiver.evaluate((m) => window.bench.enter(m), {
      ...setup,
      role: 'waiting' as const,
    })
    const startedAt = await this.sender.evaluate((m) => window.bench.enter(m), {
      ...setup,
      role: 'joining' as const,
    })
    const openedAt = await this.both(() => window.bench.opened())
    const firstAt = await this.receiver.evaluate(() => window.bench.greeted())
    return { openMs: Math.max(...openedAt) - startedAt, firstMs: firstAt - startedAt }
  }

  /** Evaluates the same function in both pages. */
  both<Value>(ask: () => Value | Promise<Value>): Promise<Value[]> {
    return Promise.all([this.sender.evaluate(ask), this.receiver.evaluate(ask)])
  }

  async openSides(): Promise<void> {
    await Promise.all([
      this.sender.evaluate(() => window.bench.openSide({ answers: false })),
      this.receiver.evaluate(() => window.bench.openSide({ answers: true })),
    ])
  }

  /** Closes the link. */
  async disconnect(): Promise<void> {
    await this.both(() => window.bench.close())
  }

  async close(): Promise<void> {
    await Promise.all([this.sender.context().close(), this.receiver.context().close()])
  }
}

interface OpenPage {
  readonly browser: Browser
  readonly url: string
  readonly contestant: Name
}

/** A separate context gets a separate renderer process. */
export const openPage = async ({ browser, url, contestant }: OpenPage): Promise<Page> => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(url)
  await page.waitForFunction(() => 'bench' in window)
  await page.evaluate((name) => window.bench.load(name), contestant)
  return page
}

declare global {
  interface Window {
    bench: Bench
  }
}
