import type { CallOptions } from '../api.ts'
import { SkeinError } from '../base/errors.ts'
import type { Clock } from '../time/clock.ts'
import { onAbortOrTimeout } from '../time/on-abort-or-timeout.ts'

/** What comes in a chunk of its own. */
export interface LoadedLater<Value> {
  /** `null` while it is not there. */
  readonly loaded: Value | null
  /** Runs the task with it, at once if it is there. Rejects `connect-failed` when it cannot be. */
  readonly use: <Result>(
    options: CallOptions | undefined,
    task: (value: Value) => Promise<Result>,
  ) => Promise<Result>
  /** The same, where nobody waits: without it there is nothing to do. */
  readonly useIfLoaded: (task: (value: Value) => void) => void
}

/** A load that takes longer is of no use to who waits for it, if they do not say when. */
const loadTimeoutMs = 10_000

/** A load that failed is tried again when it is needed. */
export const loadedLater = <Value>(
  clock: Clock,
  load: () => Promise<Value>,
): LoadedLater<Value> => {
  let value: Value | null = null
  let loading: Promise<Value> | null = null
  const whenLoaded = async () => {
    try {
      loading ??= load()
      value = await loading
      return value
    } catch (cause) {
      loading = null
      throw new SkeinError('connect-failed', { cause })
    }
  }
  const use: LoadedLater<Value>['use'] = async (
    { signal, timeoutMs = loadTimeoutMs } = {},
    task,
  ) => {
    if (value) return task(value)
    const loaded = await new Promise<Value>((resolve, reject) => {
      const off = onAbortOrTimeout({ clock, signal, timeoutMs }, reject)
      whenLoaded().finally(off).then(resolve, reject)
    })
    return task(loaded)
  }
  return {
    get loaded() {
      return value
    },
    use,
    useIfLoaded: (task) => {
      use({}, async (loaded) => task(loaded)).catch(() => {})
    },
  }
}
