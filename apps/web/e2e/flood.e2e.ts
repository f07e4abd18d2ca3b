import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { test as base, expect } from './site-test.ts'

const flooder = fileURLToPath(new URL('flooder.ts', import.meta.url))

/** `flood` sends this many messages to everyone in the room at once. */
const test = base.extend<{ readonly flood: (count: number) => Promise<void> }>({
  flood: async ({ server, room }, use) => {
    const ended: (() => Promise<unknown>)[] = []
    await use(async (count) => {
      const args = [`${server.url.replace('http', 'ws')}/ws`, room, String(count)]
      const child = spawn(process.execPath, ['--conditions=@skein/source', flooder, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const exit = once(child, 'exit')
      ended.push(() => {
        child.kill('SIGKILL')
        return exit
      })
      await once(createInterface(child.stdout), 'line')
    })
    for (const end of ended) await end()
  },
})

/** Records the longest time between two frames of the page. */
const watchFrames = (page: Page) =>
  page.evaluate(() => {
    let before = performance.now()
    document.body.dataset.longestFrameMs = '0'
    const onframe = (now: number) => {
      const longest = Math.max(Number(document.body.dataset.longestFrameMs), now - before)
      document.body.dataset.longestFrameMs = String(longest)
      before = now
      requestAnimationFrame(onframe)
    }
    requestAnimationFrame(onframe)
  })

test('someone who sends 5,000 messages at once is cut short, and the others chat on', async ({
  visit,
  room,
  flood,
}) => {
  const ann = await visit('Ann')
  const ben = await visit('Ben', { context: { locale: 'zh-CN' } })
  await ann.enter(room)
  await ben.enter(room)
  await ann.waitForLinks([ben])
  await watchFrames(ann.page)

  await flood(5_000)
  const log = ann.page.getByRole('log')
  const line = 'Spammer sent too many messages. Some are not shown'
  await expect(log.getByText(line)).toBeVisible()
  await expect(ben.page.getByRole('log')).toContainText('Spammer 发送的消息过多，部分未显示')
  await ann.send('What was that?')
  await expect(ben.message('What was that?')).toBeVisible()

  await expect(log.getByText(line)).toHaveCount(1)
  const shown = await log.getByText(/^spam \d+$/).count()
  expect(shown).toBeGreaterThanOrEqual(20)
  expect(shown).toBeLessThan(200)
  const longest = await ann.page.evaluate(() => Number(document.body.dataset.longestFrameMs))
  expect(longest).toBeLessThan(1_000)
  await ann.page.screenshot({ path: 'test-results/screens/flood.png' })
})
