import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { MaintenanceLoop } from './maintenance-loop.ts'

/** Rounds against a store that fails for one reason after the other; `null`: it works. */
const roundsWith = async (reasons: readonly (string | null)[]) => {
  const lines: { readonly level: string; readonly reason: string }[] = []
  const formatters = { level: (level: string) => ({ level }) }
  const log = pino(
    { level: 'debug', formatters },
    { write: (line) => void lines.push(JSON.parse(line)) },
  )
  let round = 0
  const loop = new MaintenanceLoop({
    everyMs: 1e9,
    checkStore: async () => {
      const reason = reasons[round]
      round += 1
      if (typeof reason === 'string') throw new Error(reason)
    },
    renewLease: async () => {},
    onLeaseAttempt: () => {},
    probeInbox: async () => {},
    onInboxSilent: () => {},
    log,
  })
  onTestFinished(() => loop.stop())
  for (const _ of reasons) await loop.runNow()
  return lines.map(({ level, reason }) => `${level}: ${reason}`)
}

test('a store that stays unavailable is one warning', async () => {
  expect(await roundsWith(['away', 'away', null, 'away'])).toEqual([
    'warn: away',
    'debug: away',
    'warn: away',
  ])
})

test('another reason is another warning, however often the reasons alternate', async () => {
  expect(await roundsWith(['away', 'no permission', 'away', 'no permission'])).toEqual([
    'warn: away',
    'warn: no permission',
    'debug: away',
    'debug: no permission',
  ])
})
