import type { Room } from '../api.ts'
import type { Insides } from './room.ts'

interface HasInsides {
  readonly insides: Insides
}

/** By room. With `instanceof`, `diagnose` would need the code of all rooms. */
const known = new WeakMap<Room, HasInsides>()

export const keepInsides = (room: Room & HasInsides): void => {
  known.set(room, room)
}

/** `null` if the room does not come from `joinRoom`. */
export const insidesOf = (room: Room): Insides | null => known.get(room)?.insides ?? null
