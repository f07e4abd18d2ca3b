import { type ConnectionId, closeCodes, type Millis, nodeOf } from '@skein/protocol'
import { deadline, type Room, type RoomEffect } from '@skein/protocol/room'
import { connectionsOf } from '../backbone/store/store.ts'

/**
 * Whether this node must keep track of a room: one of the room's connections is here; or the room
 * has no connections and this node changed it last, so that no other node runs its deadlines.
 */
export const mustTrack = (
  room: Room | null,
  { node, isLastCommitOwn }: { readonly node: string; readonly isLastCommitOwn: boolean },
): boolean => {
  if (room === null) return false
  const connections = connectionsOf(room)
  if (connections.length === 0) return isLastCommitOwn
  return connections.some((connection) => nodeOf(connection) === node)
}

/** Returns a test for members that are connected to that node. */
export const isConnectedTo =
  (node: string) =>
  ({ connection }: { readonly connection: ConnectionId | null }): boolean =>
    connection !== null && nodeOf(connection) === node

/**
 * Replaces the close code `superseded` on a draining server. Its clients resume elsewhere as asked,
 * and the close of the old socket may arrive before the new welcome: it must not say that the
 * client was replaced.
 */
export const withoutSuperseded = (effect: RoomEffect): RoomEffect =>
  effect.type === 'close' && effect.code === closeCodes.superseded
    ? { ...effect, code: closeCodes.goingAway }
    : effect

/** Whether an effect can be applied without the room messages before it. */
export const isSelfContained = (effect: RoomEffect): boolean =>
  effect.type !== 'send' || !('revision' in effect.message)

/**
 * Milliseconds until a tick is due; `null` when none is. A whole number, because Node keeps one
 * list for all timers of a duration: clearing a timer with a fractional duration does not find its
 * list, which is then kept until the timer would have fired, hours later.
 */
export const msUntilTick = (room: Room, now: Millis): Millis | null => {
  const due = deadline(room)
  if (due === null) return null
  return Math.min(Math.max(Math.ceil(due - now), 0), maxTimerMs)
}

/** The longest delay that `setTimeout` accepts. */
const maxTimerMs = 2 ** 31 - 1
