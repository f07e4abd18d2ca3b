import { expect, test } from './lab-test.ts'
import type { Tab } from './tab.ts'

const mebibyte = 2 ** 20
const messageBytes = 64 * 1024
const slow = { count: (64 * mebibyte) / messageBytes, messageBytes }
const fast = { count: (16 * mebibyte) / messageBytes, messageBytes }
/** The most that `send` accepts before the reader has it: the limits of all queues in between. */
const maxQueuedBytes = 8 * mebibyte
/** The queues of a page, and a reserve for the page itself. */
const maxGrowthBytes = 24 * mebibyte

/** The memory of a page in bytes, on the heap and in buffers, after a garbage collection. */
const memoryOf = async ({ page }: Tab): Promise<number> => {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize, backingStorageSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize + backingStorageSize
}

const sentBy = async ({ page }: Tab) => {
  const state = await page.evaluate(() => window.lab.slowSenderState())
  expect(state?.failure).toBe(null)
  return state?.sent ?? 0
}

const sendFast = ({ page }: Tab) => page.evaluate((all) => window.lab.sendFast(all), fast)

test('a slow reader slows only the senders of its channel', async ({ mesh }) => {
  test.setTimeout(180_000)
  const [ann, ben] = await mesh(2)
  if (!ann || !ben) throw new Error('expected two tabs')
  await ben.page.evaluate(() => window.lab.readSlowly())
  const before = await Promise.all([memoryOf(ann), memoryOf(ben)])
  await ann.page.evaluate((all) => window.lab.startSlowSender(all), slow)

  // Messages on another channel are not held up.
  for (let round = 0; round < 3; round += 1) await sendFast(ann)
  const fastBytes = await ben.page.evaluate(() => window.lab.fastBytes())
  expect(fastBytes).toBe(3 * fast.count * messageBytes)
  const queued = await sentBy(ann)
  expect(queued).toBeGreaterThan(0)
  expect(queued * messageBytes).toBeLessThanOrEqual(maxQueuedBytes)
  const after = await Promise.all([memoryOf(ann), memoryOf(ben)])
  for (const [index, bytes] of after.entries()) {
    expect(bytes - (before[index] ?? 0)).toBeLessThan(maxGrowthBytes)
  }

  // Reads one message at a time, in order; the sender never gets further ahead.
  for (let read = 0; read < slow.count; read += 1) {
    expect(await ben.page.evaluate(() => window.lab.readOne())).toBe(read)
    const ahead = (await sentBy(ann)) - read - 1
    expect(ahead * messageBytes).toBeLessThanOrEqual(maxQueuedBytes)
  }
  expect(await sentBy(ann)).toBe(slow.count)
})
