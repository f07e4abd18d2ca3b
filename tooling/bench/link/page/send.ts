import { now, pause } from './clock.ts'
import type { Transport } from './contestant.ts'
import { Payload } from './payload.ts'

export interface Sending {
  readonly count: number
  readonly bytes: number
  /** Whether each `send` is awaited, as it should be, or none. */
  readonly waits: boolean
  /** Whether every message uses the same buffer. */
  readonly reuses: boolean
}

/** Sends numbered messages the way an application would; returns the start time. */
export const sendAll = async (
  transport: Transport,
  { count, bytes, waits, reuses }: Sending,
): Promise<number> => {
  const payload = new Payload({ bytes, reuses })
  const startedAt = now()
  if (waits)
    for (let number = 0; number < count; number += 1) await transport.send(payload.make(number))
  else {
    const sent: (Promise<void> | undefined)[] = []
    for (let number = 0; number < count; number += 1)
      sent.push(transport.send(payload.make(number)))
    await Promise.all(sent)
  }
  return startedAt
}

export interface RoundTrips {
  readonly bytes: number
  readonly pauseMs: number
  /** Called before each round trip: whether to continue. */
  readonly goesOn: (done: number) => boolean
}

/** Runs round trips one after the other; returns the duration of each in ms. */
export const roundTrips = async (
  transport: Transport,
  { bytes, pauseMs, goesOn }: RoundTrips,
): Promise<readonly number[]> => {
  const payload = new Payload({ bytes, reuses: false })
  const took: number[] = []
  while (goesOn(took.length)) {
    const back = new Promise<void>((resolve) => transport.listen(() => resolve()))
    const startedAt = performance.now()
    await transport.send(payload.make(took.length))
    await back
    took.push(performance.now() - startedAt)
    if (pauseMs > 0) await pause(pauseMs)
  }
  return took
}

/** Sends every message back unchanged. */
export const echo = (transport: Transport): void => {
  transport.listen((message) => void transport.send(message.slice()))
}
