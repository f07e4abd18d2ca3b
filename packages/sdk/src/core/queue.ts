/** A line: what comes first goes first. `Array.shift` is slow on long ones. */
export class Queue<Item> {
  /** Nothing in the place of what has gone, which is kept by nobody then. */
  #items: (Item | undefined)[] = []
  #start = 0

  get size(): number {
    return this.#items.length - this.#start
  }

  get first(): Item | undefined {
    return this.#items[this.#start]
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  shift(): Item | undefined {
    const item = this.#items[this.#start]
    if (this.size > 0) this.#items[this.#start++] = undefined
    // Copies once for each time that the line has passed by half.
    if (this.#start > 64 && this.#start * 2 > this.#items.length) this.#compact()
    return item
  }

  /** Puts these before all others, in their order. */
  prepend(items: readonly Item[]): void {
    this.#items = [...items, ...this.toArray()]
    this.#start = 0
  }

  /** Whether it was there. */
  remove(item: Item): boolean {
    if (item === this.first) {
      this.shift()
      return true
    }
    this.#compact()
    const index = this.#items.indexOf(item)
    if (index >= 0) this.#items.splice(index, 1)
    return index >= 0
  }

  clear(): void {
    this.#items = []
    this.#start = 0
  }

  toArray(): Item[] {
    return this.#items.slice(this.#start).filter((item) => item !== undefined)
  }

  #compact(): void {
    this.#items = this.toArray()
    this.#start = 0
  }
}
