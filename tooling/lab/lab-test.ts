import { test as base } from '@playwright/test'
import { CutProxy } from './cut-proxy.ts'
import { ServerProcess } from './server-process.ts'
import { type OpenTab, openMesh, Tab } from './tab.ts'

type TabOptions = Partial<Omit<OpenTab, 'browser' | 'room'>>

interface LabFixtures {
  /** A signaling server for this test only. */
  readonly server: ServerProcess
  /** A proxy in front of the server, for the tab whose signaling the test cuts. */
  readonly cutProxy: CutProxy
  /** Opens tabs in join order and waits until all are linked. */
  readonly mesh: (count: number, options?: TabOptions) => Promise<Tab[]>
  /** Opens one more tab in the same room. */
  readonly tab: (options?: TabOptions) => Promise<Tab>
}

/** Playwright's test with a real server process, a proxy and tabs, all closed afterwards. */
export const test = base.extend<LabFixtures & { readonly room: string; readonly opened: Tab[] }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads fixture names from the parameter
  room: ({}, use) => use(`lab-${crypto.randomUUID()}`),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads fixture names from the parameter
  server: async ({}, use) => {
    const server = await ServerProcess.start()
    await use(server)
    await server.kill()
  },
  cutProxy: async ({ server }, use) => {
    const proxy = await CutProxy.to(server.port)
    await use(proxy)
    await proxy.close()
  },
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads fixture names from the parameter
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
