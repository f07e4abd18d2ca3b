import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright'
import { openPage, type Stage } from '../pair.ts'
import type { Figures, Scenario } from '../scenario.ts'
import { everybody } from './everybody.ts'

/** Enough for every page to have heard of it. */
const aheadMs = 300

const form = async (pages: readonly Page[], servers: Stage['servers']): Promise<Figures> => {
  const room = `bench-${randomUUID()}`
  const startAt = Date.now() + aheadMs
  const gathered = await Promise.all(
    pages.map((page, index) =>
      page.evaluate((where) => window.bench.gather(where), {
        room,
        servers,
        count: pages.length,
        index,
        startAt,
      }),
    ),
  )
  await Promise.all(pages.map((page) => page.evaluate(() => window.bench.scatter())))
  return { formedMs: Math.max(...gathered) - startAt }
}

const meshOf = (count: number): Scenario => ({
  name: `mesh-${count}`,
  about: `${count} pages join at the same moment, until each has a link to each`,
  contestants: everybody.filter((name) => name !== 'raw-credit'),
  figures: { formedMs: { label: 'formed after ms', digits: 0 } },
  timeoutMs: 60_000,
  open: async (stage, contestant) => {
    const pages: Page[] = []
    for (let index = 0; index < count; index += 1)
      pages.push(await openPage({ ...stage, contestant }))
    const close = async (): Promise<void> => {
      for (const page of pages) await page.context().close()
    }
    return { run: () => form(pages, stage.servers), close }
  },
})

export const mesh: readonly Scenario[] = [4, 8, 16].map(meshOf)
