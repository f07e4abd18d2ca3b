import type { Millis } from '../src/ids.ts'
import type { Room, RoomEffect, RoomInput } from '../src/room/index.ts'

/** A step of the room. */
export interface Transition {
  readonly before: Room
  readonly input: RoomInput
  readonly now: Millis
  readonly after: Room
  readonly effects: readonly RoomEffect[]
}
