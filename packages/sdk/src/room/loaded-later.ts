import { type GiveUpOptions, whenGivenUp } from '../channel/give-up.ts'
import { SkeinError } from '../errors.ts'

/** A load that takes longer is of no use to who waits for it, if they do not say when. */
const loadTimeoutMs = 10_000

/** What comes in a chunk of its own. A load that failed is tried again when it is needed. */
export class LoadedLater<Value> {
  /** `null` until it is there. */
  value: Value | null = null
  readonly #load: () => Promise<Value>
  #loading: Promise<Value> | null = null

  constructor(load: () => Promise<Value>) {
    this.#load = load
  }

  /** Who needs it will hear of a failure; here nobody does. */
  begin(): void {
    this.#whenLoaded().catch(() => {})
  }

  /** Runs the task with it, at once if it is there. Rejects `connect-failed` when it cannot be. */
  use<Result>(giveUp: GiveUpOptions, task: (value: Value) => Promise<Result>): Promise<Result> {
    if (this.value) return task(this.value)
    return new Promise((resolve, reject) => {
      const { timeoutMs = loadTimeoutMs } = giveUp
      const off = whenGivenUp({ ...giveUp, timeoutMs }, reject)
      this.#whenLoaded().finally(off).then(task).then(resolve, reject)
    })
  }

  #whenLoaded(): Promise<Value> {
    this.#loading ??= this.#load().then(
      (value) => {
        this.value = value
        return value
      },
      (cause) => {
        this.#loading = null
        throw new SkeinError('connect-failed', { cause })
      },
    )
    return this.#loading
  }
}
