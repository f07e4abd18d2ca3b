import { test as base } from '@playwright/test'
import { CutProxy } from './cut-proxy.ts'
import { ServerProcess } from './server-process.ts'
import { type OpenTab, openMesh, Tab } from './tab.ts'

type TabOptions = Partial<Omit<OpenTab, 'browser' | 'room'>>

interface LabFixtures {
  /** A signaling server of this test alone. */
  readonly server: ServerProcess
  /** A proxy before it, for the one tab that is to be cut. */
  readonly cutter: CutProxy
  /** Opens tabs in join order and waits for the full mesh between them. */
  readonly mesh: (count: number, options?: TabOptions) => Promise<Tab[]>
  /** Opens one more tab in the same room. */
  readonly tab: (options?: TabOptions) => Promise<Tab>
}

/** Playwright's test with a real server process, a proxy and tabs, all ended afterwards. */
export const test = base.extend<LabFixtures & { readonly room: string; readonly opened: Tab[] }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures needed
  room: ({}, use) => use(`lab-${crypto.randomUUID()}`),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures needed
  server: async ({}, use) => {
    const server = await ServerProcess.start()
    await use(server)
    await server.kill()
  },
  cutter: async ({ server }, use) => {
    const cutter = await CutProxy.to(server.port)
    await use(cutter)
    await cutter.close()
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures needed
  opened: async ({}, use) => {
    const opened: Tab[] = []
    await use(opened)
    for (const tab of opened) await tab.close()
  },
  mesh: ({ browser, server, room, opened }, use) =>
    use(async (count, options) => {
      const tabs = await openMesh({ browser, signalPort: server.port, room, ...options }, count)
      opened.push(...tabs)
      return tabs
    }),
  tab: ({ browser, server, room, opened }, use) =>
    use(async (options) => {
      const tab = await Tab.open({ browser, signalPort: server.port, room, ...options })
      opened.push(tab)
      return tab
    }),
})

export { expect } from '@playwright/test'
