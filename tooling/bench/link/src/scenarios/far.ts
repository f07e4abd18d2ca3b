import { type Delay, startDelay, whyNoDelay } from '../delay.ts'
import { Pair } from '../pair.ts'
import type { Figures, Scenario } from '../scenario.ts'
import { mib, transfer } from '../transfer.ts'
import { allContestants } from './all-contestants.ts'

const volumeBytes = 16 * mib

const run = async (pair: Pair, delay: Delay): Promise<Figures> => {
  await delay.reset()
  await pair.connect()
  await pair.openSides()
  const [tookMs = Number.NaN] = await pair.sender.evaluate(
    (trips) => window.bench.roundTrips(trips),
    { count: 1, bytes: 100 },
  )
  const traits = await pair.sender.evaluate(() => window.bench.traits())
  const bytes = traits.bestMessageBytes ?? 256 * 1024
  const sent = await transfer(pair, {
    count: volumeBytes / bytes,
    bytes,
    waits: true,
    reuses: false,
  })
  const discards = await pair.sender.evaluate(() => window.bench.discardedPackets())
  await pair.disconnect()
  return {
    mibPerSecond: volumeBytes / mib / (sent.tookMs / 1_000),
    longestGapMs: sent.longestGapMs,
    discards,
    roundTripMs: tookMs,
  }
}

/** Both pages on this machine; every packet between them is delayed by half of the round trip. */
const farOf = (roundTripMs: number): Scenario => ({
  name: `bulk-${roundTripMs}ms`,
  about: `16 MiB one way over a path with a round-trip time of ${roundTripMs} ms`,
  contestants: allContestants,
  figures: {
    mibPerSecond: { label: 'MiB/s', digits: 2 },
    longestGapMs: { label: 'longest gap ms', digits: 0 },
    discards: { label: 'runs with discards', digits: 0, as: 'runs' },
    roundTripMs: { label: 'round trip ms', digits: 1 },
  },
  timeoutMs: 120_000,
  whyNot: whyNoDelay,
  open: async (stage, contestant) => {
    const pair = await Pair.open(stage, contestant)
    const delay = await startDelay(roundTripMs / 2)
    for (const page of [pair.sender, pair.receiver]) {
      await page.exposeFunction('proxyPortFor', delay.proxyPortFor)
      await page.evaluate(() => window.bench.setDetour())
    }
    return {
      run: () => run(pair, delay),
      close: async () => {
        await pair.close()
        delay.close()
      },
    }
  },
})

export const far: readonly Scenario[] = [farOf(40)]
