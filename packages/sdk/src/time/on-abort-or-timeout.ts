import type { Millis } from '@skein/protocol'
import { SkeinError } from '../base/errors.ts'
import type { Clock } from './clock.ts'

export interface AbortOrTimeoutOptions {
  readonly clock: Clock
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: Millis | undefined
}

/** Throws `aborted` if the signal is already aborted. */
export const throwIfAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw new SkeinError('aborted', { cause: signal.reason })
}

/** Calls `task` once, on abort or after the timeout; returns a function that cancels both. */
export const onAbortOrTimeout = (
  { clock, signal, timeoutMs = Infinity }: AbortOrTimeoutOptions,
  task: (error: SkeinError) => void,
): (() => void) => {
  const cancel = () => {
    cancelTimer()
    signal?.removeEventListener('abort', onAbort)
  }
  const finish = (error: SkeinError) => {
    cancel()
    task(error)
  }
  const onAbort = () => finish(new SkeinError('aborted', { cause: signal?.reason }))
  // A timer of more than 31 bits fires at once. Nobody waits that long: it is no limit.
  const cancelTimer =
    timeoutMs < 2 ** 31 ? clock.after(timeoutMs, () => finish(new SkeinError('timeout'))) : () => {}
  signal?.addEventListener('abort', onAbort)
  if (signal?.aborted) onAbort()
  return cancel
}
