import { isShortOfMemory } from './overload.ts'
import type { ServerParts } from './server-parts.ts'
import type { Ticker } from './ticker.ts'

/** Why a server may not be ready, and what an operator makes of it. */
export const unreadyEntries = {
  draining: 'It was told to end and says goodbye.',
  'event loop late':
    'It was late by more than a second: more to do than one core can, or a machine that stood still.',
  'memory short':
    'Newcomers are turned away: too much of what the process may use is in use, or waits for slow clients.',
  'store unreachable':
    'The store does not answer within two seconds, has not answered yet, takes no writes, or does not say who it is.',
  'bus silent': 'What it sends to itself through Redis does not come back.',
} as const

type UnreadyReason = keyof typeof unreadyEntries

/** Why the server cannot take members now; empty when it can. */
export const unreadyReasons = async ({
  parts,
  ticker,
}: {
  readonly parts: ServerParts
  readonly ticker: Ticker
}): Promise<readonly string[]> => {
  const [isStoreReachable, isBusAlive] = await Promise.all([
    answersInTime(() => parts.store.probe()),
    answersInTime(() => parts.bus.probe()),
  ])
  const holds: Readonly<Record<UnreadyReason, boolean>> = {
    draining: parts.isDraining(),
    'event loop late': ticker.lagMs > maxLagMs,
    'memory short': isShortOfMemory(parts),
    'store unreachable': !isStoreReachable,
    'bus silent': !isBusAlive,
  }
  return Object.entries(holds).flatMap(([reason, isSo]) => (isSo ? [reason] : []))
}

const maxLagMs = 1_000
const probeMs = 2_000

const answersInTime = (probe: () => Promise<void>): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), probeMs)
    const answer = (isAlive: boolean) => (): void => {
      clearTimeout(timer)
      resolve(isAlive)
    }
    probe().then(answer(true), answer(false))
  })
