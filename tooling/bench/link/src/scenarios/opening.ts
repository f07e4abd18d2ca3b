import { Pair } from '../pair.ts'
import type { Figures, Scenario } from '../scenario.ts'
import { allContestants } from './all-contestants.ts'

const figures = {
  openMs: { label: 'open on both sides ms', digits: 1 },
  firstMs: { label: 'first message received ms', digits: 1 },
}

const connect = async (pair: Pair): Promise<Figures> => {
  const { openMs, firstMs } = await pair.connect()
  await pair.disconnect()
  return { openMs, firstMs }
}

/** Timed from the call of the joining page; the other page is in the room already. */
export const opening: readonly Scenario[] = [
  {
    name: 'open-cold',
    about: 'time to open a link for a joining page, in pages without earlier connections',
    contestants: allContestants,
    figures,
    timeoutMs: 30_000,
    open: (stage, contestant) =>
      Promise.resolve({
        run: async () => {
          const pair = await Pair.open(stage, contestant)
          try {
            return await connect(pair)
          } finally {
            await pair.close()
          }
        },
        close: () => Promise.resolve(),
      }),
  },
  {
    name: 'open-warm',
    about: 'time to open a link for a joining page, in pages with earlier connections',
    contestants: allContestants,
    figures,
    timeoutMs: 30_000,
    open: async (stage, contestant) => {
      const pair = await Pair.open(stage, contestant)
      for (let warmUp = 0; warmUp < 2; warmUp += 1) await connect(pair)
      return { run: () => connect(pair), close: () => pair.close() }
    },
  },
]
