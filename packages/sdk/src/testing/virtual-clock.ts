import type { Clock } from '../time/clock.ts'

/** A clock that moves only when a test moves it. */
export interface VirtualClock extends Clock {
  /** The number of pending timers. */
  readonly pending: number
  /** Lets promises settle without moving the time. */
  readonly settle: () => Promise<void>
  /** Advances by `ms`: runs due timers in order and lets promises settle after each instant. */
  readonly advance: (ms: number) => Promise<void>
  /**
   * Advances timer by timer until `condition` holds.
   * @throws Error if it does not within `limitMs` (default: one minute) of virtual time.
   */
  readonly until: (condition: () => boolean, options?: { limitMs?: number }) => Promise<void>
  /** Advances at once, then runs due timers late, as after a sleep or in a hidden tab. */
  readonly sleep: (ms: number) => Promise<void>
}

interface Timer {
  readonly at: number
  readonly task: () => void
}

/** Creates a clock at time 0. Timers due at the same time run in the order they were set. */
export const virtualClock = (): VirtualClock => {
  const timers = new Set<Timer>()
  let now = 0

  const next = (limit: number): Timer | null => {
    let first: Timer | null = null
    for (const timer of timers) if (timer.at < (first?.at ?? Infinity)) first = timer
    return first && first.at <= limit ? first : null
  }
  const runDue = async (limit: number): Promise<void> => {
    await settle()
    for (let timer = next(limit); timer; timer = next(limit)) {
      now = Math.max(now, timer.at)
      for (; timer && timer.at <= now; timer = next(now)) {
        timers.delete(timer)
        timer.task()
      }
      await settle()
    }
  }
  return {
    now: () => now,
    after: (delayMs, task) => {
      // As on the platform, a delay of more than 31 bits becomes the shortest one.
      const delay = delayMs < 2 ** 31 ? Math.max(0, delayMs) : 1
      const timer: Timer = { at: now + delay, task }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    get pending() {
      return timers.size
    },
    settle,
    advance: async (ms) => {
      const end = now + ms
      await runDue(end)
      now = end
    },
    until: async (condition, { limitMs = 60_000 } = {}) => {
      const end = now + limitMs
      await settle()
      while (!condition()) {
        const timer = next(end)
        if (!timer) throw new Error(`not within ${limitMs} ms of virtual time`)
        await runDue(timer.at)
      }
    },
    sleep: async (ms) => {
      now += ms
      await runDue(now)
    },
  }
}

/** Resolves in the next turn of the event loop, after all microtasks. */
const settle = (): Promise<void> =>
  new Promise((resolve) => {
    // In Node `setImmediate` is ten times as fast as a MessageChannel; browsers do not have it.
    const immediate: unknown = Reflect.get(globalThis, 'setImmediate')
    if (typeof immediate === 'function') return void immediate(resolve)
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(null)
  })
