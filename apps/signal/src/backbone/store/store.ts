import type { ConnectionId, Epoch, Millis } from '@skein/protocol'
import type { Room, RoomEffect } from '@skein/protocol/room'

/** The circumstances in which a change runs. */
export interface StoreMoment {
  /** The store's clock, which all nodes share. */
  readonly now: Millis
  /** The epoch for a room that the change creates: higher than any epoch given out before. */
  readonly epoch: Epoch
  /** The store was replaced after the room was written, so the room's last changes may be lost. */
  readonly isReplaced: boolean
  /**
   * The room as this node last knew it, when another node has already recovered the room from the
   * loss of a store; otherwise `null`.
   */
  readonly lastKnownRoom: Room | null
  /** Until when the store was unreachable; `null` when it never was. */
  readonly awayUntil: Millis | null
}

/** The new state of a room, `null` to remove it, and the effects to apply after the commit. */
export interface Change<Outcome> {
  readonly room: Room | null
  readonly effects: readonly RoomEffect[]
  /** Handed back to the caller of `update`. */
  readonly outcome: Outcome
}

export type StoreChange<Outcome> = (room: Room | null, moment: StoreMoment) => Change<Outcome>

/** A room at one version. */
export interface RoomVersion {
  readonly room: Room | null
  /** Increases with every change, also when the room ends and when it is created again. */
  readonly version: number
  /** Identity of the store that it was written to. */
  readonly store: string
}

/** A committed change of this node or another, with what this node needs to apply it. */
export interface Commit extends RoomVersion {
  readonly name: string
  /**
   * The version that was changed; equal to `version` when nothing changed. `null`: the effects hold
   * a full welcome for every member, so the commit can be applied without any earlier one.
   */
  readonly base: number | null
  /** For connections of this node, in order. */
  readonly effects: readonly RoomEffect[]
  /** Whether this node made the change. */
  readonly isOwn: boolean
}

/** One lifetime of a store: from a start, failover or wipe to the next. */
export interface StoreLife {
  readonly id: string
  /** By the store's clock; `null` when there was no earlier life. */
  readonly bornAt: Millis | null
  /** Whether rooms of an earlier life may have gone on in a life that this one knows nothing of. */
  readonly mayHaveForked: boolean
}

export interface UpdateOptions<Outcome> {
  readonly name: string
  /**
   * The newest version of the room that this node knows; `null` when none. It saves the store a
   * read.
   */
  readonly known: RoomVersion | null
  readonly change: StoreChange<Outcome>
}

export interface UpdateResult<Outcome> {
  readonly outcome: Outcome
  readonly now: Millis
}

/** Where rooms live. Every implementation passes `store.conformance.ts`. */
export interface Store {
  readonly life: StoreLife
  /** The store's clock, as well as it is known without asking. */
  readonly now: () => Millis
  /**
   * Sets the receiver of commits; called once, before the first update. Own commits are delivered
   * in order, each before its `update` resolves; commits of other nodes may arrive at any time.
   */
  readonly subscribe: (receiver: (commit: Commit) => void) => void
  /**
   * Reads a room, changes it, commits it, and publishes the commit to every node concerned, as one
   * atomic operation. If another node commits first, `change` runs again on the newer room, so it
   * must be pure. A `change` that returns the same reference writes nothing; `null` removes the
   * room. A rejection means that the outcome is unknown: the change may have been committed.
   */
  readonly update: <Outcome>(options: UpdateOptions<Outcome>) => Promise<UpdateResult<Outcome>>
  /** How often a change ran again because another node committed first. Only if shared. */
  readonly racesLost?: number
  /** Resolves when the store can be used. */
  readonly probe: () => Promise<void>
  readonly close: () => Promise<void>
}

/** The connections of a room's members, and those of peers that wait for the end of a recovery. */
export const connectionsOf = (room: Room | null): readonly ConnectionId[] => {
  if (room === null) return []
  const { members, recovery } = room
  const attached = members.flatMap(({ connection }) => (connection === null ? [] : [connection]))
  if (recovery === null) return attached
  const waiting = [...recovery.returning, ...recovery.newcomers]
  return [...attached, ...waiting.map(({ connection }) => connection)]
}
