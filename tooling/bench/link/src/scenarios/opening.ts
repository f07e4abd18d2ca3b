import { Pair } from '../pair.ts'
import type { Figures, Scenario } from '../scenario.ts'
import { everybody } from './everybody.ts'

const figures = {
  openMs: { label: 'open on both sides ms', digits: 1 },
  firstMs: { label: 'first message there ms', digits: 1 },
}

const connect = async (pair: Pair): Promise<Figures> => {
  const { openMs, firstMs } = await pair.connect()
  await pair.disconnect()
  return { openMs, firstMs }
}

/** From the call of the one who joins; the other is in the room already. */
export const opening: readonly Scenario[] = [
  {
    name: 'open-cold',
    about: 'time to open for somebody who joins, in pages that had no connection before',
    contestants: everybody,
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
    about: 'time to open for somebody who joins, in pages that had connections before',
    contestants: everybody,
    figures,
    timeoutMs: 30_000,
    open: async (stage, contestant) => {
      const pair = await Pair.open(stage, contestant)
      for (let warmUp = 0; warmUp < 2; warmUp += 1) await connect(pair)
      return { run: () => connect(pair), close: () => pair.close() }
    },
  },
]
