/** Runs tasks with the same key one after the other. */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>()

  run<Value>(key: string, task: () => Promise<Value>): Promise<Value> {
    const previous = this.#last.get(key)
    const current = previous === undefined ? task() : previous.then(task, task)
    this.#last.set(key, current)
    const done = (): void => {
      if (this.#last.get(key) === current) this.#last.delete(key)
    }
    current.then(done, done)
    return current
  }
}
