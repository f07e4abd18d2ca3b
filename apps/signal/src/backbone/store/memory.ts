import type { Epoch, Millis } from '@skein/protocol'
import type { Room } from '@skein/protocol/room'
import type { Commit, Store, StoreLife, UpdateOptions, UpdateResult } from './store.ts'

export interface MemoryStoreOptions {
  readonly now: () => Millis
  /** Names this life; the rooms end with it. */
  readonly id?: string
  /** Whether an earlier process may have left members that hold valid resume tokens. */
  readonly mayHavePredecessor?: boolean
}

/** Keeps the rooms of one process in memory; they end with the process. */
export class MemoryStore implements Store {
  readonly now: () => Millis
  readonly life: StoreLife
  readonly #rooms = new Map<string, { readonly room: Room; readonly version: number }>()
  #receiver: (commit: Commit) => void = () => {}
  #lastEpoch: Epoch = 0
  /** Shared by all rooms, so that a room that is created again has a higher version. */
  #lastVersion = 0

  constructor({ now, id = 'memory', mayHavePredecessor = false }: MemoryStoreOptions) {
    this.now = now
    this.life = { id, bornAt: mayHavePredecessor ? now() : null, mayHaveForked: false }
  }

  subscribe(receiver: (commit: Commit) => void): void {
    this.#receiver = receiver
  }

  async update<Outcome>({ name, change }: UpdateOptions<Outcome>): Promise<UpdateResult<Outcome>> {
    const stored = this.#rooms.get(name)
    const before = stored?.room ?? null
    const base = stored?.version ?? this.#lastVersion
    const now = this.now()
    const epoch = Math.max(now, this.#lastEpoch + 1)
    const { room, effects, outcome } = change(before, {
      now,
      epoch,
      isReplaced: false,
      lastKnownRoom: null,
      awayUntil: null,
    })
    const version = room === before ? base : this.#write(name, room)
    // Even if the change created a room and emptied it again, its epoch was sent to a client.
    if (before === null) this.#lastEpoch = epoch
    this.#receiver({ name, room, base, version, store: this.life.id, effects, isOwn: true })
    return { outcome, now }
  }

  async probe(): Promise<void> {}

  async close(): Promise<void> {
    this.#rooms.clear()
  }

  #write(name: string, room: Room | null): number {
    this.#lastVersion += 1
    const version = this.#lastVersion
    if (room === null) this.#rooms.delete(name)
    else this.#rooms.set(name, { room, version })
    return version
  }
}
