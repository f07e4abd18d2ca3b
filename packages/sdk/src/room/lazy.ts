import type { CallOptions } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import type { Clock } from '../time/clock.ts'
import { onAbortOrTimeout } from '../time/on-abort-or-timeout.ts'

/** A value that is loaded when it is first needed. */
export interface Lazy<Value> {
  /** `null` until it is loaded. */
  readonly value: Value | null
  /** Runs the task, at once if the value is loaded. Rejects `connect-failed` if loading fails. */
  readonly use: <Result>(
    options: CallOptions | undefined,
    task: (value: Value) => Promise<Result>,
  ) => Promise<Result>
  /** As `use`, for tasks without a caller that waits: they do not run if loading fails. */
  readonly useInBackground: (task: (value: Value) => void) => void
}

/** Default timeout for loading. */
const loadTimeoutMs = 10_000

/** Creates a lazy value. A load that failed is retried on the next use. */
export const createLazy = <Value>(clock: Clock, load: () => Promise<Value>): Lazy<Value> => {
  let value: Value | null = null
  let loading: Promise<Value> | null = null
  const whenLoaded = async () => {
    try {
      loading ??= load()
      value = await loading
      return value
    } catch (cause) {
      loading = null
      throw new SkeinError('connect-failed', {
        message: 'Could not load a part of the SDK.',
        cause,
      })
    }
  }
  const use: Lazy<Value>['use'] = async ({ signal, timeoutMs = loadTimeoutMs } = {}, task) => {
    if (value) return task(value)
    const loaded = await new Promise<Value>((resolve, reject) => {
      const cancel = onAbortOrTimeout({ clock, signal, timeoutMs }, reject)
      whenLoaded().finally(cancel).then(resolve, reject)
    })
    return task(loaded)
  }
  return {
    get value() {
      return value
    },
    use,
    useInBackground: (task) => {
      use({}, async (loaded) => task(loaded)).catch(() => {})
    },
  }
}
