import type { ConnectionId, Epoch, Millis } from '@skein/protocol'
import type { Room, RoomEffect } from '@skein/protocol/room'

/** What a store tells a change about the moment it runs in. */
export interface StoreMoment {
  /** The store's clock, the one that all nodes share. */
  readonly now: Millis
  /** For a room that the change makes: above every epoch given out before. */
  readonly epoch: Epoch
  /** The room comes from a store that was replaced since: its last changes may be forgotten. */
  readonly isReplaced: boolean
  /** Another node has seen to that already; this is how the room was last known here. */
  readonly lastKnownRoom: Room | null
  /** Until when the store could not be reached; `null` when it always could. */
  readonly awayUntil: Millis | null
}

/** The room as it shall be, `null` for none, and what is to be done once it is. */
export interface Change<Outcome> {
  readonly room: Room | null
  readonly effects: readonly RoomEffect[]
  /** Whatever the caller wants to know afterwards. */
  readonly outcome: Outcome
}

export type StoreChange<Outcome> = (room: Room | null, moment: StoreMoment) => Change<Outcome>

/** A room as of one version; what a node last knew saves a store the reading. */
export interface RoomVersion {
  readonly room: Room | null
  /** Rises with every change of the room, also through its ends and beginnings. */
  readonly version: number
  /** Which life of the store it was written in. */
  readonly store: string
}

/** A change that was committed, here or on another node, as this node has to know it. */
export interface Commit extends RoomVersion {
  readonly name: string
  /**
   * The version that was changed; the same as `version` when nothing was. `null`: who is in the room
   * is told all of it, so that nothing before matters.
   */
  readonly base: number | null
  /** For connections of this node, in order. */
  readonly effects: readonly RoomEffect[]
  /** Whether it was this node that changed the room. */
  readonly isOwn: boolean
}

/** What a store says of itself. */
export interface StoreLife {
  /** Another one: what is kept now may not be what was kept before. */
  readonly id: string
  /** When this life began, by the store's clock; `null` when there can have been none before. */
  readonly bornAt: Millis | null
}

export interface UpdateOptions<Outcome> {
  readonly name: string
  /** What this node last knew of the room; `null` when nothing. */
  readonly known: RoomVersion | null
  readonly change: StoreChange<Outcome>
}

export interface Updated<Outcome> {
  readonly outcome: Outcome
  readonly now: Millis
}

/** Where rooms live. Every implementation passes `store.conformance.ts`. */
export interface Store {
  readonly life: StoreLife
  /** Its clock, as well as it is known without asking. */
  readonly now: () => Millis
  /**
   * Whom to tell what was committed; set once, before the first update. Own changes are told before
   * `update` resolves, in order; those of other nodes come when they come.
   */
  readonly subscribe: (receiver: (commit: Commit) => void) => void
  /**
   * Reads a room, changes it, commits, and sees to it that every node concerned hears of it, as
   * one: no other change comes between. When one would, `change` runs again on the newer room, so it
   * must be pure. The same reference back: nothing is written. `null` back: the room is removed.
   * Rejects when it is not known that it was committed.
   */
  readonly update: <Outcome>(options: UpdateOptions<Outcome>) => Promise<Updated<Outcome>>
  /** How often a change ran again because another node was faster; where there are others. */
  readonly racesLost?: number
  /** Resolves when the store can be reached. */
  readonly probe: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Connections that a room speaks to: its members', and those of who waits to be one. */
export const connectionsOf = (room: Room | null): readonly ConnectionId[] => {
  if (room === null) return []
  const { members, recovery } = room
  const attached = members.flatMap(({ connection }) => (connection === null ? [] : [connection]))
  if (recovery === null) return attached
  const waiting = [...recovery.returning, ...recovery.newcomers]
  return [...attached, ...waiting.map(({ connection }) => connection)]
}
