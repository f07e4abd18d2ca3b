import type { Epoch, Millis } from '@skein/protocol'
import type { Room } from '@skein/protocol/room'
import type { Commit, Store, StoreLife, Updated, UpdateOptions } from './store.ts'

export interface MemoryStoreOptions {
  readonly now: () => Millis
  /** Names this life; the rooms end with it. */
  readonly id?: string
  /** Whether a life before this one may have left members behind. */
  readonly mayHaveLived?: boolean
}

/** Rooms of one process, gone with it. */
export class MemoryStore implements Store {
  readonly now: () => Millis
  readonly life: StoreLife
  readonly #rooms = new Map<string, { readonly room: Room; readonly version: number }>()
  #receiver: (commit: Commit) => void = () => {}
  #lastEpoch: Epoch = 0
  /** Of any room: so that of a room made again it is higher too. */
  #lastVersion = 0

  constructor({ now, id = 'memory', mayHaveLived = false }: MemoryStoreOptions) {
    this.now = now
    this.life = { id, bornAt: mayHaveLived ? now() : null }
  }

  subscribe(receiver: (commit: Commit) => void): void {
    this.#receiver = receiver
  }

  async update<Outcome>({ name, change }: UpdateOptions<Outcome>): Promise<Updated<Outcome>> {
    const kept = this.#rooms.get(name)
    const before = kept?.room ?? null
    const base = kept?.version ?? this.#lastVersion
    const now = this.now()
    const epoch = Math.max(now, this.#lastEpoch + 1)
    const { room, effects, outcome } = change(before, {
      now,
      epoch,
      isReplaced: false,
      lastKnownRoom: null,
      awayUntil: null,
    })
    const version = room === before ? base : this.#keep(name, room)
    // A change may make a room that is empty again at its end: its epoch was told to someone.
    if (before === null) this.#lastEpoch = epoch
    this.#receiver({ name, room, base, version, store: this.life.id, effects, isOwn: true })
    return { outcome, now }
  }

  async probe(): Promise<void> {}

  async close(): Promise<void> {
    this.#rooms.clear()
  }

  #keep(name: string, room: Room | null): number {
    this.#lastVersion += 1
    const version = this.#lastVersion
    if (room === null) this.#rooms.delete(name)
    else this.#rooms.set(name, { room, version })
    return version
  }
}
