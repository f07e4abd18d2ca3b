import type { Pulse } from './pulse.ts'
import type { Shell } from './shell.ts'

/** Why the server cannot take members now; empty when it can. */
export const unreadyReasons = async ({
  shell,
  pulse,
}: {
  readonly shell: Shell
  readonly pulse: Pulse
}): Promise<readonly string[]> => {
  const [isStoreReachable, isBusAlive] = await Promise.all([
    answersInTime(() => shell.store.probe()),
    answersInTime(() => shell.bus.probe()),
  ])
  return [
    ...(shell.isDraining() ? ['draining'] : []),
    ...(pulse.lagMs > maxLagMs ? ['event loop late'] : []),
    ...(isStoreReachable ? [] : ['store unreachable']),
    ...(isBusAlive ? [] : ['bus silent']),
  ]
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
