import { randomUUID } from 'node:crypto'
import type { Page } from 'playwright'
import { openPage, type Stage } from '../pair.ts'
import type { Figures, Scenario } from '../scenario.ts'
import { allContestants } from './all-contestants.ts'

/** Enough time for every page to receive the call. */
const aheadMs = 300

const form = async (pages: readonly Page[], servers: Stage['servers']): Promise<Figures> => {
  const room = `bench-${randomUUID()}`
  const startAt = Date.now() + aheadMs
  const joinedAt = await Promise.all(
    pages.map((page, index) =>
      page.evaluate((where) => window.bench.joinMesh(where), {
        room,
        servers,
        count: pages.length,
        index,
        startAt,
      }),
    ),
  )
  await Promise.all(pages.map((page) => page.evaluate(() => window.bench.leaveMesh())))
  return { formedMs: Math.max(...joinedAt) - startAt }
}

const meshOf = (count: number): Scenario => ({
  name: `mesh-${count}`,
  about: `${count} pages join at the same moment; time until every page has a link to every other`,
  contestants: allContestants.filter((name) => name !== 'raw-credit'),
  figures: { formedMs: { label: 'complete after ms', digits: 0 } },
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
