import { isShortOfMemory } from './overload.ts'
import type { ServerParts } from './server-parts.ts'
import type { Ticker } from './ticker.ts'

/** The reasons that `/readyz` can report, with their explanations for operators. */
export const unreadyEntries = {
  draining: 'The server received SIGTERM and is shutting down.',
  'event loop late':
    'The event loop was late by more than one second: the server is overloaded, or the machine was frozen.',
  'memory short':
    'The process uses too much of its memory limit, or too much data is queued for slow clients. New connections are turned away.',
  'store unreachable':
    'The store did not reply within two seconds, has not replied yet, rejects writes, or does not report its identity.',
  'bus silent': 'Messages that the server sends to itself through Redis do not arrive.',
} as const

type UnreadyReason = keyof typeof unreadyEntries

/** Returns why the server cannot take members now; empty when it is ready. */
export const unreadyReasons = async ({
  parts,
  ticker,
}: {
  readonly parts: ServerParts
  readonly ticker: Ticker
}): Promise<readonly string[]> => {
  const [isStoreReachable, isBusAlive] = await Promise.all([
    succeedsInTime(() => parts.store.probe()),
    succeedsInTime(() => parts.bus.probe()),
  ])
  const applies: Readonly<Record<UnreadyReason, boolean>> = {
    draining: parts.isDraining(),
    'event loop late': ticker.lagMs > maxLagMs,
    'memory short': isShortOfMemory(parts),
    'store unreachable': !isStoreReachable,
    'bus silent': !isBusAlive,
  }
  return Object.entries(applies).flatMap(([reason, isActive]) => (isActive ? [reason] : []))
}

const maxLagMs = 1_000
const probeTimeoutMs = 2_000

const succeedsInTime = (probe: () => Promise<void>): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), probeTimeoutMs)
    const settle = (isAlive: boolean) => (): void => {
      clearTimeout(timer)
      resolve(isAlive)
    }
    probe().then(settle(true), settle(false))
  })
