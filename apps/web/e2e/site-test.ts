import { type BrowserContextOptions, test as base } from '@playwright/test'
import { SiteServer } from './site-server.ts'
import { Visitor } from './visitor.ts'

interface Fixtures {
  /** A room name used only by this test. */
  readonly room: string
  /** Opens a browser with a saved profile. It is closed at the end of the test. */
  readonly visit: (
    name: string,
    options?: { readonly colour?: string; readonly context?: BrowserContextOptions },
  ) => Promise<Visitor>
  /** Ann, Ben and Cleo in one room, joined in this order, all links open. */
  readonly three: readonly [Visitor, Visitor, Visitor]
}

interface ServerFixtures {
  /** Override with `test.use` if a test needs other settings. */
  readonly settings: Readonly<Record<string, string>>
  readonly server: SiteServer
}

/** Playwright's `test` with the real server, the built site and visitors. */
export const test = base.extend<Fixtures & ServerFixtures>({
  settings: [{}, { option: true }],
  server: async ({ settings }, use) => {
    const server = new SiteServer(settings)
    await server.start()
    await use(server)
    await server.kill()
  },
  baseURL: ({ server }, use) => use(server.url),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture names from the pattern
  room: ({}, use) => use(`room-${crypto.randomUUID().slice(0, 8)}`),
  visit: async ({ browser, server }, use) => {
    const visitors: Visitor[] = []
    await use(async (name, options) => {
      const visitor = await Visitor.open({ browser, baseURL: server.url, name, ...options })
      visitors.push(visitor)
      return visitor
    })
    for (const visitor of visitors) await visitor.close()
  },
  three: async ({ visit, room }, use) => {
    const ann = await visit('Ann', { colour: 'madder' })
    const ben = await visit('Ben', { colour: 'indigo' })
    const cleo = await visit('Cleo', { colour: 'ochre' })
    const all = [ann, ben, cleo] as const
    for (const visitor of all) await visitor.enter(room)
    for (const visitor of all) await visitor.waitForLinks(all.filter((other) => other !== visitor))
    await use(all)
  },
})

export { expect } from '@playwright/test'
