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

/** Creates the function that returns why the server cannot take members now; empty when ready. */
export const createUnreadyReasons = ({
  parts,
  ticker,
}: {
  readonly parts: ServerParts
  readonly ticker: Ticker
}): (() => Promise<readonly string[]>) => {
  const isStoreReachable = sharedProbe(() => parts.store.probe())
  const isBusAlive = sharedProbe(() => parts.bus.probe())
  return async () => {
    const [store, bus] = await Promise.all([isStoreReachable(), isBusAlive()])
    const applies: Readonly<Record<UnreadyReason, boolean>> = {
      draining: parts.isDraining(),
      'event loop late': ticker.lagMs > maxLagMs,
      'memory short': isShortOfMemory(parts),
      'store unreachable': !store,
      'bus silent': !bus,
    }
    return Object.entries(applies).flatMap(([reason, isActive]) => (isActive ? [reason] : []))
  }
}

const maxLagMs = 1_000
const probeTimeoutMs = 2_000
/** Anyone may ask for `/readyz`, and each probe is a message through the store. */
const probeIsFreshMs = 1_000

/**
 * Runs at most one probe at a time, for all that ask meanwhile. A success counts for a while; a
 * failure does not, so that a recovery is noticed at once.
 */
const sharedProbe = (probe: () => Promise<void>): (() => Promise<boolean>) => {
  let running: Promise<boolean> | null = null
  let freshUntil = Number.NEGATIVE_INFINITY
  const run = async (): Promise<boolean> => {
    const isAlive = await succeedsInTime(probe)
    running = null
    if (isAlive) freshUntil = performance.now() + probeIsFreshMs
    return isAlive
  }
  return async () => {
    if (performance.now() < freshUntil) return true
    running ??= run()
    return running
  }
}

const succeedsInTime = (probe: () => Promise<void>): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), probeTimeoutMs)
    const settle = (isAlive: boolean) => (): void => {
      clearTimeout(timer)
      resolve(isAlive)
    }
    probe().then(settle(true), settle(false))
  })
