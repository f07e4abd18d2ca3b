import { pick, type Random, randomBelow, seededRandom } from '@skein/protocol/testing'
import { expect, test } from './lab-test.ts'
import type { Exchange, Progress } from './page/exchange.ts'
import { seedOf } from './seeds.ts'
import { range, type Tab } from './tab.ts'

type Breaks = Exchange['breaks']
type Break = Breaks[number]
type Pair = readonly [Tab, Tab]

const count = 10_000
/** A repair takes a second or two, and longer where the other side calls too often. */
const patience = { timeout: 120_000 }

/** `howMany` moments between these counts of messages, one side's or the other's. */
const breaksBetween = (
  random: Random,
  { from, to, hows }: { readonly from: number; readonly to: number; readonly hows: Break['how'][] },
) =>
  hows.map((how, index) => {
    const step = (to - from) / hows.length
    return { side: randomBelow(random, 2), at: Math.ceil(from + step * (index + random())), how }
  })

const ofSide = (breaks: readonly (Break & { readonly side: number })[], side: number): Breaks =>
  breaks.filter((one) => one.side === side).map(({ at, how }) => ({ at, how }))

const progressOf = async (tab: Tab): Promise<Progress> => {
  const progress = await tab.page.evaluate(() => window.lab.progress())
  if (!progress) throw new Error('there is no exchange')
  expect(progress.failure).toBe(null)
  return progress
}

const begin = async (pair: Pair, plans: readonly Exchange[]) => {
  for (const [index, tab] of pair.entries()) {
    await tab.page.evaluate((plan) => plan && window.lab.exchange(plan), plans[index])
  }
}

/** Both have sent and got so many. */
const bothAt = async (pair: Pair, number: number) => {
  for (const tab of pair) {
    await expect
      .poll(async () => {
        const { sent, received } = await progressOf(tab)
        return { sent, received }
      }, patience)
      .toEqual({ sent: number, received: number })
  }
}

/** Each message once and in order, and every break did happen. */
const expectWhole = async (pair: Pair, plans: readonly Exchange[]) => {
  await bothAt(pair, count)
  for (const [index, tab] of pair.entries()) {
    const channels = await tab.page.evaluate(() => window.lab.exchanged())
    const wanted = range(0, 3).map((rest) => range(0, count).filter((one) => one % 3 === rest))
    expect(channels).toEqual(wanted)
    const { broken } = await progressOf(tab)
    expect(broken).toEqual(plans[index]?.breaks.map(({ how }) => how))
    const closed = plans.flatMap(({ breaks }) => breaks).filter(({ how }) => how !== 'restart')
    expect((await tab.view()).connections).toBeGreaterThan(closed.length)
  }
}

const pairOf = async (mesh: (count: number) => Promise<Tab[]>): Promise<Pair> => {
  const [ann, ben] = await mesh(2)
  if (!ann || !ben) throw new Error('two tabs')
  return [ann, ben]
}

test('10,000 messages each way arrive once and in order, on a link that breaks 20 times', async ({
  mesh,
}) => {
  test.setTimeout(180_000)
  const seed = seedOf('broken links')
  const random = seededRandom(seed)
  const pair = await pairOf(mesh)
  const hows = range(0, 20).map(() => pick(random, ['close', 'restart', 'both'] as const))
  const breaks = breaksBetween(random, { from: 50, to: count - 200, hows })
  const plans = [0, 1].map((side) => ({ seed, count, pauses: [], breaks: ofSide(breaks, side) }))
  await begin(pair, plans)
  await expectWhole(pair, plans)
})

test('the same with the signaling server away for half of it', async ({ mesh, server }) => {
  test.setTimeout(240_000)
  const seed = seedOf('broken links without a server')
  const random = seededRandom(seed)
  const pair = await pairOf(mesh)
  const starts = range(0, 4).map((phase) => (phase * count) / 4)
  const pauses = starts.map((start) => start + count / 8)
  const breaks = starts.flatMap((start, phase) => [
    ...breaksBetween(random, {
      from: start + 50,
      to: start + count / 8 - 200,
      hows: range(0, 2).map(() => pick(random, ['close', 'restart', 'both'] as const)),
    }),
    // Restarts need no server. The last break waits for it: nothing comes before it is back.
    ...breaksBetween(random, {
      from: start + count / 8,
      to: start + count / 4 - 200,
      hows: ['restart', 'restart', phase % 2 ? 'close' : 'both'],
    }),
  ])
  const plans = [0, 1].map((side) => ({ seed, count, pauses, breaks: ofSide(breaks, side) }))
  await begin(pair, plans)
  for (const pause of pauses) {
    await bothAt(pair, pause)
    await expectStatus(pair, 'connected')
    await server.kill()
    await expectStatus(pair, 'degraded')
    for (const tab of pair) await tab.page.evaluate(() => window.lab.goOn())
    for (const tab of pair) {
      await expect.poll(async () => (await tab.view()).openLinks, patience).toEqual([])
    }
    await server.start()
  }
  await expectWhole(pair, plans)
})

const expectStatus = async (pair: Pair, status: string) => {
  for (const tab of pair) {
    await expect.poll(async () => (await tab.view()).status, patience).toBe(status)
  }
}
