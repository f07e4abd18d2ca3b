import {
  type Browser,
  type BrowserContextOptions,
  expect,
  type Locator,
  type Page,
} from '@playwright/test'

export interface VisitorOptions {
  readonly browser: Browser
  readonly baseURL: string
  readonly name: string
  readonly colour?: string
  readonly context?: BrowserContextOptions
}

/** A person with a browser and a saved profile. */
export class Visitor {
  readonly page: Page
  readonly name: string

  private constructor(page: Page, name: string) {
    this.page = page
    this.name = name
  }

  static async open(options: VisitorOptions): Promise<Visitor> {
    const { browser, baseURL, name, colour = 'spruce' } = options
    const context = await browser.newContext({
      baseURL,
      locale: 'en-GB',
      viewport: { width: 1280, height: 800 },
      ...options.context,
    })
    await context.addInitScript((profile) => {
      // The initial `about:blank` has no storage.
      if (location.protocol === 'http:') localStorage.setItem('skein.profile', profile)
    }, JSON.stringify({ name, colour }))
    return new Visitor(await context.newPage(), name)
  }

  /** Opens the room link and waits until the visitor has joined. */
  async enter(room: string): Promise<void> {
    await this.page.goto(`/#/r/${encodeURIComponent(room)}`)
    await expect(this.screen).toHaveAttribute('data-status', 'connected')
  }

  get screen() {
    return this.page.locator('[data-room]')
  }

  get status() {
    return this.page.locator('header').getByRole('status').first()
  }

  async leave(): Promise<void> {
    await this.page.getByRole('button', { name: 'Menu' }).click()
    await this.page.getByRole('menuitem', { name: 'Leave room' }).click()
  }

  /** Turns "I can host" on or off. */
  async setCanHost(canHost: boolean): Promise<void> {
    await this.page.getByRole('button', { name: 'Menu' }).click()
    await this.page.getByRole('menuitemcheckbox', { name: 'I can host' }).setChecked(canHost)
    await this.page.keyboard.press('Escape')
  }

  /** Opens the sheet of a person. */
  async openSheet(name: string) {
    await this.person(name).getByRole('button').click()
    return this.page.getByRole('dialog', { name })
  }

  async giveCrown(name: string): Promise<void> {
    const sheet = await this.openSheet(name)
    await sheet.getByRole('button', { name: 'Give the crown…' }).click()
    await sheet.getByRole('button', { name: 'Give the crown', exact: true }).click()
    await expect(sheet).toBeHidden()
  }

  person(name: string) {
    return this.page
      .locator('[data-peer-id]')
      .filter({ has: this.page.getByText(name, { exact: true }) })
  }

  message(text: string) {
    return this.page.getByRole('log').getByText(text, { exact: true })
  }

  async send(text: string): Promise<void> {
    await this.page.getByLabel('Message', { exact: true }).fill(text)
    await this.page.getByRole('button', { name: 'Send' }).click()
  }

  /** Waits until the links to all `others` are open. */
  async waitForLinks(others: readonly Visitor[]): Promise<void> {
    for (const { name } of others) {
      await expect(this.person(name)).toHaveAttribute('data-link', 'open')
    }
  }

  /** The own id, the host, the term and the epoch, as this page shows them. */
  async roomState(): Promise<{ self: string; host: string; term: number; epoch: number }> {
    const read = async (name: string) => (await this.screen.getAttribute(`data-${name}`)) ?? ''
    return {
      self: await read('self'),
      host: await read('host'),
      term: Number(await read('term')),
      epoch: Number(await read('epoch')),
    }
  }

  /** Waits until this page shows `name` as the host of `term`. */
  async expectHost(host: { readonly name: string; readonly term: number }): Promise<void> {
    await expect(this.screen).toHaveAttribute('data-term', String(host.term))
    await expect(this.person(host.name)).toHaveAttribute('data-host', 'true')
    await expect(this.person(host.name)).toContainText('Host')
  }

  async close(): Promise<void> {
    await this.page.context().close()
  }
}

/** Waits until the element has the focus of its page. Not every browser gives it to several pages. */
export const expectActive = (element: Locator): Promise<void> =>
  expect.poll(() => element.evaluate((each) => each === document.activeElement)).toBe(true)
