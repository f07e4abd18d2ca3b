import { now, pause } from './clock.ts'
import type { Pipe } from './contestant.ts'
import { Payload } from './payload.ts'

export interface Sending {
  readonly count: number
  readonly bytes: number
  /** `await` each, as one should, or none at all. */
  readonly waits: boolean
  /** The same buffer for every message. */
  readonly reuses: boolean
}

/** Sends numbered messages as a person would write it; gives when it began. */
export const sendAll = async (
  pipe: Pipe,
  { count, bytes, waits, reuses }: Sending,
): Promise<number> => {
  const payload = new Payload({ bytes, reuses })
  const startedAt = now()
  if (waits) for (let number = 0; number < count; number += 1) await pipe.send(payload.make(number))
  else {
    const sent: (Promise<void> | undefined)[] = []
    for (let number = 0; number < count; number += 1) sent.push(pipe.send(payload.make(number)))
    await Promise.all(sent)
  }
  return startedAt
}

export interface RoundTrips {
  readonly bytes: number
  readonly pauseMs: number
  /** Asked before each: go on? */
  readonly goesOn: (done: number) => boolean
}

/** One message there and back after the other; gives how long each took, in ms. */
export const roundTrips = async (
  pipe: Pipe,
  { bytes, pauseMs, goesOn }: RoundTrips,
): Promise<readonly number[]> => {
  const payload = new Payload({ bytes, reuses: false })
  const took: number[] = []
  while (goesOn(took.length)) {
    const back = new Promise<void>((resolve) => pipe.listen(() => resolve()))
    const startedAt = performance.now()
    await pipe.send(payload.make(took.length))
    await back
    took.push(performance.now() - startedAt)
    if (pauseMs > 0) await pause(pauseMs)
  }
  return took
}

/** Sends everything back as it came. */
export const echo = (pipe: Pipe): void => {
  pipe.listen((message) => void pipe.send(message.slice()))
}
