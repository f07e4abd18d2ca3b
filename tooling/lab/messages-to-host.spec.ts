import { randomBelow, seededRandom } from '@skein/protocol/testing'
import { expect, test } from './lab-test.ts'
import type { HostWorkerReport, SentToHost } from './page/host-worker.ts'
import { seedOf } from './seeds.ts'
import type { Tab } from './tab.ts'

/** Messages that the closing tab handles first, and that each other tab sends after it closed. */
const count = 400

const reportOf = async (tab: Tab): Promise<HostWorkerReport> => {
  const report = await tab.page.evaluate(() => window.lab.hostWorkerReport())
  if (!report) throw new Error('the host worker has not started')
  return report
}

const handledCounts = (reports: readonly HostWorkerReport[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { handled } of reports) {
    // No tab handles a message twice, however often the role moves.
    expect(new Set(handled).size).toBe(handled.length)
    for (const id of handled) counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return counts
}

/** How often a message of a tab that stayed may have been handled. */
const allowedCounts = (
  { ack, outcome }: SentToHost,
  isHandledByClosedTab: boolean,
): readonly number[] => {
  // The host left: it may have handled the message, but its ack is lost.
  if (outcome === 'host-changed') return [0, 1]
  if (outcome !== 'resolved') return [0]
  // Without an ack, the message is sent again to the next host if its host leaves.
  return isHandledByClosedTab && !ack ? [1, 2] : [1]
}

/** How often a message of the closed tab may have been handled: those in flight may be lost. */
const allowedCountsOfClosedTab = ({ ack, outcome }: SentToHost): readonly number[] =>
  ack && outcome === 'resolved' ? [1] : [0, 1]

test('each message to the host is handled once while the role moves and a host closes its tab', async ({
  tab,
  context,
}) => {
  test.setTimeout(120_000)
  const seed = seedOf('messages to the host')
  const random = seededRandom(seed)
  const [closer, closesLinksFirst] = [randomBelow(random, 3), random() < 0.5]
  const tabs: Tab[] = []
  for (let index = 0; index < 3; index += 1) tabs.push(await tab({ context }))
  for (const one of tabs) await expect.poll(async () => (await one.view()).openLinks.length).toBe(2)
  const closing = tabs[closer]
  if (!closing) throw new Error('expected three tabs')
  await closing.page.exposeFunction('closeTab', () => closing.page.close({ runBeforeUnload: true }))
  const closed = closing.page.waitForEvent('close')
  for (const [index, one] of tabs.entries()) {
    const plan = {
      name: `tab ${index}`,
      seed: seed + index,
      countAfterClose: count,
      closesLinksFirst,
    }
    const closesAfterCount = index === closer ? count : null
    await one.page.evaluate((all) => window.lab.startHostWorker(all), { ...plan, closesAfterCount })
  }
  await closed
  const others = tabs.filter((one) => one !== closing)
  for (const one of others) await expect.poll(async () => (await reportOf(one)).isDone).toBe(true)
  const closedTab = await others[0]?.page.evaluate(
    (name) => window.lab.closedTabReport(name),
    `tab ${closer}`,
  )
  if (!closedTab) throw new Error('the closed tab left no report')
  const wrongMessages = async () => {
    const stayed = await Promise.all(others.map(reportOf))
    const counts = handledCounts([closedTab, ...stayed])
    const countOf = ({ id }: SentToHost) => counts.get(id) ?? 0
    return [
      ...closedTab.sent.filter((one) => !allowedCountsOfClosedTab(one).includes(countOf(one))),
      ...stayed
        .flatMap(({ sent }) => sent)
        .filter(
          (one) => !allowedCounts(one, closedTab.handled.includes(one.id)).includes(countOf(one)),
        ),
    ]
  }
  // Messages without an ack may still be in flight.
  await expect.poll(wrongMessages).toEqual([])
  const reports = [closedTab, ...(await Promise.all(others.map(reportOf)))]
  expect(reports.map(({ handledWhenNotHost }) => handledWhenNotHost)).toEqual([[], [], []])
  expect(reports.reduce((sum, { transfers }) => sum + transfers, 0)).toBeGreaterThan(20)
  const outcomes = new Set(reports.slice(1).flatMap(({ sent }) => sent.map((one) => one.outcome)))
  expect(['host-changed', 'resolved']).toEqual(expect.arrayContaining([...outcomes]))
})
