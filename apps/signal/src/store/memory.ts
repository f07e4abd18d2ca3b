import type { Epoch, Millis } from '@skein/protocol'
import type { Room } from '@skein/protocol/room'
import type { Committed, Store, StoreChange } from './store.ts'

/** Rooms of one process, gone with it. */
export class MemoryStore implements Store {
  readonly #now: () => Millis
  readonly #rooms = new Map<string, Room>()
  #lastEpoch: Epoch = 0

  constructor({ now }: { readonly now: () => Millis }) {
    this.#now = now
  }

  async update<Outcome>(name: string, change: StoreChange<Outcome>): Promise<Committed<Outcome>> {
    const before = this.#rooms.get(name) ?? null
    const now = this.#now()
    const epoch = Math.max(now, this.#lastEpoch + 1)
    const [room, outcome] = change(before, { now, epoch })
    if (room === null) this.#rooms.delete(name)
    else this.#rooms.set(name, room)
    // A change may make a room that is empty again at its end: its epoch was told to someone.
    if (before === null) this.#lastEpoch = epoch
    return { room, outcome }
  }

  async probe(): Promise<void> {}

  async close(): Promise<void> {
    this.#rooms.clear()
  }
}
