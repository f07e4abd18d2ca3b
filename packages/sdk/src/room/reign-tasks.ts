import type { Term } from '@skein/protocol'
import type { Room } from '../api.ts'

type ReignTask = Parameters<Room['asHost']>[0]

/** Runs tasks while I host: each reign of mine anew, aborted when it ends. */
export class ReignTasks {
  readonly #tasks = new Map<symbol, ReignTask>()
  readonly #running = new Map<symbol, AbortController>()
  readonly #failed: (error: unknown) => void
  /** `null` while I do not host. */
  #term: Term | null = null

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  add(task: ReignTask): () => void {
    const key = Symbol()
    this.#tasks.set(key, task)
    this.#start(key, task)
    return () => {
      this.#tasks.delete(key)
      this.#stop(key)
    }
  }

  /** A reign of mine begins, or ends with `null`. */
  reign(term: Term | null): void {
    this.#term = term
    for (const key of [...this.#running.keys()]) this.#stop(key)
    for (const [key, task] of [...this.#tasks]) this.#start(key, task)
  }

  #start(key: symbol, task: ReignTask): void {
    const term = this.#term
    if (term === null) return
    const controller = new AbortController()
    this.#running.set(key, controller)
    const { signal } = controller
    // Never inside of the call that adds it, or of the event that makes me host.
    Promise.resolve()
      .then(() => (signal.aborted ? undefined : task({ term, signal })))
      .catch((error: unknown) => {
        // A task that is told to stop may well throw what its signal says.
        if (!signal.aborted) this.#failed(error)
      })
  }

  #stop(key: symbol): void {
    this.#running.get(key)?.abort()
    this.#running.delete(key)
  }
}
