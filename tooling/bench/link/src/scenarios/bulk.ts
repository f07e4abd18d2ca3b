import { type CpuMeter, cpuMeter } from '../cpu.ts'
import { Pair } from '../pair.ts'
import type { Figures, Scenario } from '../scenario.ts'
import { mib, transfer } from '../transfer.ts'
import { allContestants } from './all-contestants.ts'

const volumeBytes = 64 * mib
/** Larger messages take so long themselves that the gap between two says nothing. */
const gapsBelowBytes = mib

/** One way at full speed. `messageBytes: null`: the best size of each contestant. */
const bulkOf = (name: string, about: string, messageBytes: number | null): Scenario => ({
  name,
  about,
  contestants: allContestants,
  figures: {
    mibPerSecond: { label: 'MiB/s', digits: 1 },
    cpuPerGib: { label: 'CPU s/GiB', digits: 1 },
    ...((messageBytes ?? 0) < gapsBelowBytes && {
      longestGapMs: { label: 'longest gap ms', digits: 0 },
      stalls: { label: 'runs with a stall', digits: 0, as: 'runs' },
    }),
    discards: { label: 'runs with discards', digits: 0, as: 'runs' },
  },
  timeoutMs: 60_000,
  open: async (stage, contestant) => {
    const pair = await Pair.open(stage, contestant)
    const cpu = await cpuMeter(stage.browser)
    const traits = await pair.sender.evaluate(() => window.bench.traits())
    const bytes = messageBytes ?? traits.bestMessageBytes ?? 256 * 1024
    return { run: () => run(pair, cpu, bytes), close: () => pair.close() }
  },
})

const run = async (pair: Pair, cpu: CpuMeter, bytes: number): Promise<Figures> => {
  await pair.connect()
  const before = await cpu.seconds()
  const { tookMs, longestGapMs, stalls } = await transfer(pair, {
    count: Math.ceil(volumeBytes / bytes),
    bytes,
    waits: true,
    reuses: false,
  })
  const cpuSeconds = (await cpu.seconds()) - before
  const discards = await pair.sender.evaluate(() => window.bench.discardedPackets())
  await pair.disconnect()
  return {
    mibPerSecond: volumeBytes / mib / (tookMs / 1_000),
    cpuPerGib: (cpuSeconds * 1024 * mib) / volumeBytes,
    longestGapMs,
    stalls,
    discards,
  }
}

export const bulk: readonly Scenario[] = [
  bulkOf(
    'bulk',
    "64 MiB one way, in messages of each contestant's best size (256 KiB if it names none)",
    null,
  ),
  bulkOf('bulk-64k', '64 MiB one way in messages of 64 KiB', 64 * 1024),
  bulkOf('bulk-1m', '64 MiB one way in messages of 1 MiB', mib),
  bulkOf('bulk-8m', '64 MiB one way in messages of 8 MiB', 8 * mib),
  bulkOf('bulk-64m', '64 MiB one way in one message', 64 * mib),
]
