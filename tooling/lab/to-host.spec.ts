import { randomBelow, seededRandom } from '@skein/protocol/testing'
import { expect, test } from './lab-test.ts'
import type { RoleReport, SentToHost } from './page/role.ts'
import { seedOf } from './seeds.ts'
import type { Tab } from './tab.ts'

/** Sent by each of the three. */
const count = 1_500

const reportOf = async (tab: Tab): Promise<RoleReport> => {
  const report = await tab.page.evaluate(() => window.lab.roleReport())
  if (!report) throw new Error('it does not work for the host')
  return report
}

const handlings = (reports: readonly RoleReport[]): ReadonlyMap<string, number> => {
  const times = new Map<string, number>()
  for (const { handled } of reports) {
    // Nobody handles a message twice, whatever becomes of the role.
    expect(new Set(handled).size).toBe(handled.length)
    for (const id of handled) times.set(id, (times.get(id) ?? 0) + 1)
  }
  return times
}

/** How often a message may have been handled. */
const allowed = ({ ack, outcome }: SentToHost, isSeenByGone: boolean): readonly number[] => {
  // Its host may have gone with it, or its sender before it was settled.
  if (outcome === 'host-changed' || outcome === null) return [0, 1]
  if (outcome !== 'resolved') return [0]
  // Without an answer asked for, it goes anew to the next host when this one goes.
  return isSeenByGone && !ack ? [1, 2] : [1]
}

const isSettled = (one: SentToHost) => one.outcome === 'resolved'

test('each message to the host is handled once, while the role moves and a host closes its tab', async ({
  tab,
  context,
}) => {
  const seed = seedOf('to the host')
  const closer = randomBelow(seededRandom(seed), 3)
  const tabs: Tab[] = []
  for (let index = 0; index < 3; index += 1) tabs.push(await tab({ context }))
  for (const one of tabs) await expect.poll(async () => (await one.view()).openLinks.length).toBe(2)
  const closing = tabs[closer]
  if (!closing) throw new Error('three tabs')
  await closing.page.exposeFunction('closeTab', () => closing.page.close({ runBeforeUnload: true }))
  const closed = closing.page.waitForEvent('close')
  for (const [index, one] of tabs.entries()) {
    const closesAfter = index === closer ? count / 3 : null
    const run = { name: `tab ${index}`, seed: seed + index, count, closesAfter }
    await one.page.evaluate((all) => window.lab.workForHost(all), run)
  }
  await closed
  const others = tabs.filter((one) => one !== closing)
  for (const one of others) await expect.poll(async () => (await reportOf(one)).isDone).toBe(true)
  const gone = await others[0]?.page.evaluate(
    (name) => window.lab.leftReport(name),
    `tab ${closer}`,
  )
  if (!gone) throw new Error('the closed tab left no report')
  // What was sent without asking for an answer may still be under way.
  const lost = async () => {
    const reports = [gone, ...(await Promise.all(others.map(reportOf)))]
    const times = handlings(reports)
    return reports.flatMap(({ sent }) => sent.filter(isSettled)).filter(({ id }) => !times.has(id))
  }
  await expect.poll(lost).toEqual([])
  const reports = [gone, ...(await Promise.all(others.map(reportOf)))]
  const times = handlings(reports)
  for (const report of reports) {
    expect(report.handledOutOfOffice).toEqual([])
    const wrong = report.sent.filter((one) => {
      const isSeenByGone = report !== gone && gone.handled.includes(one.id)
      return !allowed(one, isSeenByGone).includes(times.get(one.id) ?? 0)
    })
    expect(wrong).toEqual([])
  }
  const failed = reports.filter((one) => one !== gone).flatMap(({ sent }) => sent)
  const codes = new Set(failed.map(({ outcome }) => outcome))
  expect(['host-changed', 'resolved']).toEqual(expect.arrayContaining([...codes]))
  expect(reports.reduce((sum, { moves }) => sum + moves, 0)).toBeGreaterThan(10)
})
