import type { Millis } from '@skein/protocol'
import { SkeinError } from '../base/errors.ts'
import type { Clock } from './clock.ts'

export interface AbortOrTimeoutOptions {
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: Millis | undefined
}

/** Throws `aborted` when it is no use to begin. */
export const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw new SkeinError('aborted', { cause: signal.reason })
}

/** Calls `task` once, when the signal aborts or the time is over; returns what calls it off. */
export const onAbortOrTimeout = (
  { clock, signal, timeoutMs }: AbortOrTimeoutOptions,
  task: (error: SkeinError) => void,
): (() => void) => {
  const off = () => {
    cancelTimer()
    signal?.removeEventListener('abort', aborted)
  }
  const give = (error: SkeinError) => {
    off()
    task(error)
  }
  const aborted = () => give(new SkeinError('aborted', { cause: signal?.reason }))
  const cancelTimer =
    timeoutMs === undefined
      ? () => {}
      : clock.after(timeoutMs, () => give(new SkeinError('timeout')))
  signal?.addEventListener('abort', aborted)
  return off
}
