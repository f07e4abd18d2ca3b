import { randomBelow, seededRandom } from '@skein/protocol/testing'
import { expect, test } from './lab-test.ts'
import type { RoleReport, SentToHost } from './page/role.ts'
import { seedOf } from './seeds.ts'
import type { Tab } from './tab.ts'

/** Handled by the tab that goes, and sent by each of the others after it has gone. */
const count = 400

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

/** How often a message of one who stayed may have been handled. */
const allowed = ({ ack, outcome }: SentToHost, isHandledByGone: boolean): readonly number[] => {
  // The host that had it went, and the answer with it.
  if (outcome === 'host-changed') return [0, 1]
  if (outcome !== 'resolved') return [0]
  // Without an answer asked for, it goes anew to the next host when this one goes.
  return isHandledByGone && !ack ? [1, 2] : [1]
}

/** And of the one who went: what was under way may have gone with it. */
const allowedOfGone = ({ ack, outcome }: SentToHost): readonly number[] =>
  ack && outcome === 'resolved' ? [1] : [0, 1]

test('each message to the host is handled once, while the role moves and a host closes its tab', async ({
  tab,
  context,
}) => {
  test.setTimeout(120_000)
  const seed = seedOf('to the host')
  const random = seededRandom(seed)
  const [closer, isRude] = [randomBelow(random, 3), random() < 0.5]
  const tabs: Tab[] = []
  for (let index = 0; index < 3; index += 1) tabs.push(await tab({ context }))
  for (const one of tabs) await expect.poll(async () => (await one.view()).openLinks.length).toBe(2)
  const closing = tabs[closer]
  if (!closing) throw new Error('three tabs')
  await closing.page.exposeFunction('closeTab', () => closing.page.close({ runBeforeUnload: true }))
  const closed = closing.page.waitForEvent('close')
  for (const [index, one] of tabs.entries()) {
    const run = { name: `tab ${index}`, seed: seed + index, countAfter: count, isRude }
    const closesAfter = index === closer ? count : null
    await one.page.evaluate((all) => window.lab.workForHost(all), { ...run, closesAfter })
  }
  await closed
  const others = tabs.filter((one) => one !== closing)
  for (const one of others) await expect.poll(async () => (await reportOf(one)).isDone).toBe(true)
  const gone = await others[0]?.page.evaluate(
    (name) => window.lab.leftReport(name),
    `tab ${closer}`,
  )
  if (!gone) throw new Error('the closed tab left no report')
  const wrong = async () => {
    const stayed = await Promise.all(others.map(reportOf))
    const times = handlings([gone, ...stayed])
    const timesOf = ({ id }: SentToHost) => times.get(id) ?? 0
    return [
      ...gone.sent.filter((one) => !allowedOfGone(one).includes(timesOf(one))),
      ...stayed
        .flatMap(({ sent }) => sent)
        .filter((one) => !allowed(one, gone.handled.includes(one.id)).includes(timesOf(one))),
    ]
  }
  // What was sent without asking for an answer may still be under way.
  await expect.poll(wrong).toEqual([])
  const reports = [gone, ...(await Promise.all(others.map(reportOf)))]
  expect(reports.map(({ handledOutOfOffice }) => handledOutOfOffice)).toEqual([[], [], []])
  expect(reports.reduce((sum, { moves }) => sum + moves, 0)).toBeGreaterThan(20)
  const outcomes = new Set(reports.slice(1).flatMap(({ sent }) => sent.map((one) => one.outcome)))
  expect(['host-changed', 'resolved']).toEqual(expect.arrayContaining([...outcomes]))
})
