import { type ConnectionId, closeCodes, type Millis, nodeOf } from '@skein/protocol'
import { deadline, type Room, type RoomEffect } from '@skein/protocol/room'
import { connectionsOf } from '../backbone/store/store.ts'

/**
 * Whether this node has to keep its eye on a room: it holds one of its connections; or nobody does,
 * and it was this node that changed it last, so that no other would see to what is due.
 */
export const isKeptHere = (
  room: Room | null,
  { node, isOwn }: { readonly node: string; readonly isOwn: boolean },
): boolean => {
  if (room === null) return false
  const connections = connectionsOf(room)
  if (connections.length === 0) return isOwn
  return connections.some((connection) => nodeOf(connection) === node)
}

/** Whose connection is at that node. */
export const isHeldBy =
  (node: string) =>
  ({ connection }: { readonly connection: ConnectionId | null }): boolean =>
    connection !== null && nodeOf(connection) === node

/**
 * Of a server that goes away the clients come back elsewhere on purpose. The close of the old socket
 * may reach them before the new welcome, and must not say that they are unwanted.
 */
export const asFarewell = (effect: RoomEffect): RoomEffect =>
  effect.type === 'close' && effect.code === closeCodes.superseded
    ? { ...effect, code: closeCodes.goingAway }
    : effect

/** Makes sense without all that was before. */
export const isNoNews = (effect: RoomEffect): boolean =>
  effect.type !== 'send' || !('revision' in effect.message)

/**
 * How long until a tick is due; `null` when none is. In whole milliseconds: Node keeps one list for
 * all timers of a duration, and when one of a fraction is cleared it does not find its list again,
 * which then stays until the timer would have been due, hours later.
 */
export const dueIn = (room: Room, clockOffsetMs: Millis): Millis | null => {
  const due = deadline(room)
  if (due === null) return null
  const now = performance.now() + clockOffsetMs
  return Math.min(Math.max(Math.ceil(due - now), 0), maxTimerMs)
}

/** The longest time that setTimeout takes. */
const maxTimerMs = 2 ** 31 - 1
