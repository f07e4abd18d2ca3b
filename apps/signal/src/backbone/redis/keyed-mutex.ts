/** Lets tasks of one name happen one after the other. */
export class KeyedMutex {
  readonly #last = new Map<string, Promise<unknown>>()

  run<Value>(name: string, task: () => Promise<Value>): Promise<Value> {
    const before = this.#last.get(name)
    const mine = before === undefined ? task() : before.then(task, task)
    this.#last.set(name, mine)
    const done = (): void => {
      if (this.#last.get(name) === mine) this.#last.delete(name)
    }
    mine.then(done, done)
    return mine
  }
}
