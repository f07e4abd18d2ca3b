import { pick, type Random, randomBelow, seededRandom } from '@skein/protocol/testing'
import { expect, test } from './lab-test.ts'
import type { Exchange, Progress } from './page/exchange.ts'
import { seedOf } from './seeds.ts'
import { range, type Tab } from './tab.ts'

type Breaks = Exchange['breaks']
type Break = Breaks[number]
type Pair = readonly [Tab, Tab]

const count = 10_000
/** A repair takes a second or two, and longer if the other peer makes too many offers. */
const pollOptions = { timeout: 120_000 }

/** Spreads one break of each kind between two message counts, each at a random side. */
const breaksBetween = (
  random: Random,
  {
    from,
    to,
    kinds,
  }: { readonly from: number; readonly to: number; readonly kinds: Break['kind'][] },
) =>
  kinds.map((kind, index) => {
    const step = (to - from) / kinds.length
    return { side: randomBelow(random, 2), at: Math.ceil(from + step * (index + random())), kind }
  })

const ofSide = (breaks: readonly (Break & { readonly side: number })[], side: number): Breaks =>
  breaks.filter((one) => one.side === side).map(({ at, kind }) => ({ at, kind }))

const progressOf = async (tab: Tab): Promise<Progress> => {
  const progress = await tab.page.evaluate(() => window.lab.progress())
  if (!progress) throw new Error('no exchange has started')
  expect(progress.failure).toBe(null)
  return progress
}

const start = async (pair: Pair, plans: readonly Exchange[]) => {
  for (const [index, tab] of pair.entries()) {
    await tab.page.evaluate((plan) => plan && window.lab.startExchange(plan), plans[index])
  }
}

/** Waits until both have sent and received this many messages. */
const waitForCount = async (pair: Pair, number: number) => {
  for (const tab of pair) {
    await expect
      .poll(async () => {
        const { sent, received } = await progressOf(tab)
        return { sent, received }
      }, pollOptions)
      .toEqual({ sent: number, received: number })
  }
}

/** Every message arrived once and in order, and every break happened. */
const expectComplete = async (pair: Pair, plans: readonly Exchange[]) => {
  await waitForCount(pair, count)
  for (const [index, tab] of pair.entries()) {
    const channels = await tab.page.evaluate(() => window.lab.exchangedNumbers())
    const expected = range(0, 3).map((rest) => range(0, count).filter((one) => one % 3 === rest))
    expect(channels).toEqual(expected)
    const { broken } = await progressOf(tab)
    expect(broken).toEqual(plans[index]?.breaks.map(({ kind }) => kind))
    const closed = plans.flatMap(({ breaks }) => breaks).filter(({ kind }) => kind !== 'restart')
    expect((await tab.view()).connections).toBeGreaterThan(closed.length)
  }
}

const pairOf = async (mesh: (count: number) => Promise<Tab[]>): Promise<Pair> => {
  const [ann, ben] = await mesh(2)
  if (!ann || !ben) throw new Error('expected two tabs')
  return [ann, ben]
}

test('10,000 messages each way arrive once and in order on a link that breaks 20 times', async ({
  mesh,
}) => {
  test.setTimeout(180_000)
  const seed = seedOf('broken links')
  const random = seededRandom(seed)
  const pair = await pairOf(mesh)
  const kinds = range(0, 20).map(() => pick(random, ['close', 'restart', 'both'] as const))
  const breaks = breaksBetween(random, { from: 50, to: count - 200, kinds })
  const plans = [0, 1].map((side) => ({ seed, count, pauses: [], breaks: ofSide(breaks, side) }))
  await start(pair, plans)
  await expectComplete(pair, plans)
})

test('10,000 messages each way arrive once and in order, with signaling down half of the time', async ({
  mesh,
  server,
}) => {
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
      kinds: range(0, 2).map(() => pick(random, ['close', 'restart', 'both'] as const)),
    }),
    // Restarts need no server. The last break does: no message arrives until the server is back.
    ...breaksBetween(random, {
      from: start + count / 8,
      to: start + count / 4 - 200,
      kinds: ['restart', 'restart', phase % 2 ? 'close' : 'both'],
    }),
  ])
  const plans = [0, 1].map((side) => ({ seed, count, pauses, breaks: ofSide(breaks, side) }))
  await start(pair, plans)
  for (const pause of pauses) {
    await waitForCount(pair, pause)
    await expectStatus(pair, 'connected')
    await server.kill()
    await expectStatus(pair, 'degraded')
    for (const tab of pair) await tab.page.evaluate(() => window.lab.resume())
    for (const tab of pair) {
      await expect.poll(async () => (await tab.view()).openLinks, pollOptions).toEqual([])
    }
    await server.start()
  }
  await expectComplete(pair, plans)
})

const expectStatus = async (pair: Pair, status: string) => {
  for (const tab of pair) {
    await expect.poll(async () => (await tab.view()).status, pollOptions).toBe(status)
  }
}
