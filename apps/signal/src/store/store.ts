import type { Epoch, Millis } from '@skein/protocol'
import type { Room } from '@skein/protocol/room'

/** What a store tells a change about the moment it runs in. */
export interface StoreMoment {
  /** The store's clock, the one that all nodes share. */
  readonly now: Millis
  /** For a room that the change makes: above every epoch given out before. */
  readonly epoch: Epoch
}

/** The room as it shall be, `null` for none, and whatever the caller wants to know afterwards. */
export type StoreChange<Outcome> = (
  room: Room | null,
  moment: StoreMoment,
) => readonly [Room | null, Outcome]

export interface Committed<Outcome> {
  readonly room: Room | null
  readonly outcome: Outcome
}

/** Where rooms live. Every implementation passes `store.conformance.ts`. */
export interface Store {
  /**
   * Reads a room, changes it and commits, as one: no other change comes between. When one would,
   * `change` runs again on the newer room, so it must be pure. The same reference back: nothing is
   * written. `null` back: the room is removed. Rejects when nothing was committed.
   */
  readonly update: <Outcome>(
    name: string,
    change: StoreChange<Outcome>,
  ) => Promise<Committed<Outcome>>
  /** Resolves when the store can be reached. */
  readonly probe: () => Promise<void>
  readonly close: () => Promise<void>
}
