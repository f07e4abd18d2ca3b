import { quantile } from '@skein/bench-rounds'
import { Pair } from '../pair.ts'
import type { Figures, Scenario } from '../scenario.ts'
import { expectNoMore, mib, transfer } from '../transfer.ts'
import { allContestants, allContestantsAndWindows } from './all-contestants.ts'

const idleCount = 500
const messageBytes = 256 * 1024
/** Reaching full speed does not count. */
const warmUpCount = 8 * 4
const aloneCount = 32 * 4
const loadedCount = 64 * 4

const idle = async (pair: Pair): Promise<Figures> => {
  await pair.connect()
  await pair.openSides()
  const tookMs = await pair.sender.evaluate((trips) => window.bench.roundTrips(trips), {
    count: idleCount,
    bytes: 100,
  })
  await pair.disconnect()
  return { p50: quantile(tookMs, 0.5), p99: quantile(tookMs, 0.99) }
}

/** Measures bulk alone first, so that its speed under load is a share of the same connection's. */
const loaded = async (pair: Pair): Promise<Figures> => {
  await pair.connect()
  await pair.openSides()
  const sending = { bytes: messageBytes, waits: true, reuses: false }
  await transfer(pair, { ...sending, count: warmUpCount })
  const alone = await transfer(pair, { ...sending, count: aloneCount })
  const expected = { ...sending, count: loadedCount }
  await pair.receiver.evaluate((what) => window.bench.expect(what), expected)
  const [{ startedAt, tookMs }, { lastAt }] = await Promise.all([
    pair.sender.evaluate((what) => window.bench.roundTripsWhile(what), expected),
    pair.receiver.evaluate(() => window.bench.received()),
  ])
  await expectNoMore(pair.receiver, loadedCount)
  await pair.disconnect()
  const speed = rate(loadedCount, lastAt - startedAt)
  return {
    p50: quantile(tookMs, 0.5),
    p99: quantile(tookMs, 0.99),
    mibPerSecond: speed,
    share: speed / rate(aloneCount, alone.tookMs),
  }
}

const rate = (count: number, tookMs: number): number =>
  (count * messageBytes) / mib / (tookMs / 1_000)

const times = {
  p50: { label: 'p50 ms', digits: 2 },
  p99: { label: 'p99 ms', digits: 2 },
}

const placeFor =
  (run: (pair: Pair) => Promise<Figures>): Scenario['open'] =>
  async (stage, contestant) => {
    const pair = await Pair.open(stage, contestant)
    return { run: () => run(pair), close: () => pair.close() }
  }

export const roundTrips: readonly Scenario[] = [
  {
    name: 'round-trip',
    about: '500 round trips of 100 bytes on an otherwise idle link',
    contestants: allContestants,
    figures: times,
    timeoutMs: 30_000,
    open: placeFor(idle),
  },
  {
    name: 'round-trip-loaded',
    about: 'round trips of 100 bytes, 5 ms apart, while another channel transfers 64 MiB',
    contestants: allContestantsAndWindows,
    figures: {
      ...times,
      mibPerSecond: { label: 'bulk MiB/s', digits: 1 },
      share: { label: 'share of bulk alone', digits: 2 },
    },
    timeoutMs: 90_000,
    open: placeFor(loaded),
  },
]
