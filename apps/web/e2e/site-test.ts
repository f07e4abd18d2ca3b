import { type BrowserContextOptions, test as base } from '@playwright/test'
import { SiteServer } from './site-server.ts'
import { Visitor } from './visitor.ts'

interface Company {
  /** A room of this test alone. */
  readonly room: string
  /** Lets someone come to the site; who is still there at the end leaves. */
  readonly come: (
    name: string,
    options?: { readonly colour?: string; readonly context?: BrowserContextOptions },
  ) => Promise<Visitor>
  /** Ann, Ben and Cleo in one room, in this order, all linked. */
  readonly three: readonly [Visitor, Visitor, Visitor]
}

interface Servers {
  /** Overridden with `test.use` where a test needs other settings. */
  readonly settings: Readonly<Record<string, string>>
  readonly server: SiteServer
}

/** Playwright's test with the real server, the built site and people who come to it. */
export const test = base.extend<Company & Servers>({
  settings: [{}, { option: true }],
  server: async ({ settings }, use) => {
    const server = new SiteServer(settings)
    await server.start()
    await use(server)
    await server.kill()
  },
  baseURL: ({ server }, use) => use(server.url),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures needed
  room: ({}, use) => use(`room-${crypto.randomUUID().slice(0, 8)}`),
  come: async ({ browser, server }, use) => {
    const present: Visitor[] = []
    await use(async (name, options) => {
      const visitor = await Visitor.come({ browser, baseURL: server.url, name, ...options })
      present.push(visitor)
      return visitor
    })
    for (const visitor of present) await visitor.close()
  },
  three: async ({ come, room }, use) => {
    const ann = await come('Ann', { colour: 'madder' })
    const ben = await come('Ben', { colour: 'indigo' })
    const cleo = await come('Cleo', { colour: 'ochre' })
    const all = [ann, ben, cleo] as const
    for (const visitor of all) await visitor.enter(room)
    for (const visitor of all) await visitor.isLinkedTo(all.filter((other) => other !== visitor))
    await use(all)
  },
})

export { expect } from '@playwright/test'
