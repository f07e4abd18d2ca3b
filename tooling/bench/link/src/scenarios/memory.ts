import { Pair, type Stage } from '../pair.ts'
import { rendererOf } from '../renderer-process.ts'
import type { Figures, Place, Scenario } from '../scenario.ts'
import { mib, transfer } from '../transfer.ts'
import { allContestants } from './all-contestants.ts'

const bytes = 256 * 1024

/** Peak resident memory of the renderer, above what it used before. */
const memoryOf = (volumeMib: number): Scenario => ({
  name: `memory-${volumeMib}m`,
  about: `peak resident memory of both renderers above the baseline, while transferring ${volumeMib} MiB`,
  contestants: allContestants,
  figures: {
    senderMib: { label: 'sender MiB', digits: 1 },
    receiverMib: { label: 'receiver MiB', digits: 1 },
  },
  timeoutMs: 120_000,
  open: (stage, contestant) => place(stage, { contestant, count: (volumeMib * mib) / bytes }),
})

export const memory: readonly Scenario[] = [memoryOf(64), memoryOf(256)]

interface Volume {
  readonly contestant: Parameters<Scenario['open']>[1]
  readonly count: number
}

const place = async (stage: Stage, { contestant, count }: Volume): Promise<Place> => {
  const pair = await Pair.open(stage, contestant)
  const sender = await rendererOf(stage.browser, pair.sender)
  const receiver = await rendererOf(stage.browser, pair.receiver)
  const { mayReuse } = await pair.sender.evaluate(() => window.bench.traits())
  const sending = { bytes, waits: true, reuses: mayReuse }
  const run = async (): Promise<Figures> => {
    await pair.connect()
    // A warm-up, so that the connection's own memory and compiled code belong to the baseline.
    await transfer(pair, { ...sending, count: 16 })
    const senderBefore = await sender.startPeak()
    const receiverBefore = await receiver.startPeak()
    await transfer(pair, { ...sending, count })
    const senderMib = (sender.peak() - senderBefore) / mib
    const receiverMib = (receiver.peak() - receiverBefore) / mib
    await pair.disconnect()
    return { senderMib, receiverMib }
  }
  return { run, close: () => pair.close() }
}
