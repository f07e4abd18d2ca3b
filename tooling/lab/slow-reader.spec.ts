import { expect, test } from './lab-test.ts'
import type { Tab } from './tab.ts'

const mebibyte = 2 ** 20
const messageBytes = 64 * 1024
const slow = { count: (64 * mebibyte) / messageBytes, messageBytes }
const fast = { count: (16 * mebibyte) / messageBytes, messageBytes }
/** Accepted by `send` and not yet in the reader's hands: what all queues between them hold. */
const maxUnderWayBytes = 8 * mebibyte
/** The queues of a page, and some room for what the pages themselves need. */
const maxGrowthBytes = 24 * mebibyte

/** Text on the heap and buffers outside of it, without what is garbage. */
const memoryOf = async ({ page }: Tab): Promise<number> => {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize + backingStorageSize
}

const offeredBy = async ({ page }: Tab) => {
  const offered = await page.evaluate(() => window.lab.offered())
  expect(offered?.failure).toBe(null)
  return offered?.sent ?? 0
}

const sendFast = ({ page }: Tab) => page.evaluate((all) => window.lab.sendFast(all), fast)

test('a slow reader slows the senders of its channel, and nobody else', async ({ mesh }) => {
  test.setTimeout(180_000)
  const [ann, ben] = await mesh(2)
  if (!ann || !ben) throw new Error('two tabs')
  await ben.page.evaluate(() => window.lab.readSlowly())
  const before = await Promise.all([memoryOf(ann), memoryOf(ben)])
  await ann.page.evaluate((all) => window.lab.offer(all), slow)

  // Another channel goes on: all that it carries passes the one at rest.
  for (let round = 0; round < 3; round += 1) await sendFast(ann)
  const fastBytes = await ben.page.evaluate(() => window.lab.fastBytes())
  expect(fastBytes).toBe(3 * fast.count * messageBytes)
  const atRest = await offeredBy(ann)
  expect(atRest).toBeGreaterThan(0)
  expect(atRest * messageBytes).toBeLessThanOrEqual(maxUnderWayBytes)
  const after = await Promise.all([memoryOf(ann), memoryOf(ben)])
  for (const [index, bytes] of after.entries()) {
    expect(bytes - (before[index] ?? 0)).toBeLessThan(maxGrowthBytes)
  }

  // One message at a time, in order; the sender is never further ahead.
  for (let read = 0; read < slow.count; read += 1) {
    expect(await ben.page.evaluate(() => window.lab.readOne())).toBe(read)
    const ahead = (await offeredBy(ann)) - read - 1
    expect(ahead * messageBytes).toBeLessThanOrEqual(maxUnderWayBytes)
  }
  expect(await offeredBy(ann)).toBe(slow.count)
})
