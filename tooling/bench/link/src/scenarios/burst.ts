import { Pair } from '../pair.ts'
import type { Scenario } from '../scenario.ts'
import { transfer } from '../transfer.ts'
import { allContestants } from './all-contestants.ts'

const bytes = 100

interface Burst {
  readonly name: string
  readonly about: string
  readonly count: number
  readonly waits: boolean
  readonly contestants?: Scenario['contestants']
  readonly maxRounds?: number
}

const burstOf = ({ name, about, count, waits, ...rest }: Burst): Scenario => ({
  name,
  about,
  contestants: allContestants,
  ...rest,
  figures: { perSecond: { label: 'messages/s', digits: 0 } },
  timeoutMs: 120_000,
  open: async (stage, contestant) => {
    const pair = await Pair.open(stage, contestant)
    return {
      run: async () => {
        await pair.connect()
        // A warm-up, so that compilation does not count.
        await transfer(pair, { count: 2_000, bytes, waits, reuses: false })
        const { tookMs } = await transfer(pair, { count, bytes, waits, reuses: false })
        await pair.disconnect()
        return { perSecond: count / (tookMs / 1_000) }
      },
      close: () => pair.close(),
    }
  },
})

export const burst: readonly Scenario[] = [
  burstOf({
    name: 'burst',
    about: '50,000 messages of 100 bytes, each send awaited where the contestant supports it',
    count: 50_000,
    waits: true,
  }),
  burstOf({
    name: 'burst-plain',
    about: '10,000 messages of 100 bytes in a loop without await',
    count: 10_000,
    waits: false,
  }),
  burstOf({
    name: 'burst-million',
    about: '1,000,000 messages of 100 bytes, all delivered in order',
    count: 1_000_000,
    waits: true,
    contestants: ['raw', 'skein'],
    maxRounds: 1,
  }),
]
