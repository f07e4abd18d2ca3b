/** A first-in, first-out queue. `Array.shift` is slow on long arrays. */
export class Queue<Item> {
  /** Slots of removed items are cleared, so that the items can be garbage-collected. */
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
    // Compacts only when half of the array is empty: amortized constant time.
    if (this.#start > 64 && this.#start * 2 > this.#items.length) this.#compact()
    return item
  }

  /** Inserts these items at the front, in their order. */
  prepend(items: readonly Item[]): void {
    this.#items = [...items, ...this.toArray()]
    this.#start = 0
  }

  /** Returns whether the item was in the queue. */
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
