import { errorMessage } from '../codec/encode.ts'
import type { ConnectionId, PeerId } from '../ids.ts'
import { findMember } from './members.ts'
import type { Room, RoomEffect, RoomInput } from './room.ts'

/** The connection that a signal goes to, or why it cannot be delivered. */
export type Route =
  | { readonly type: 'deliver'; readonly to: ConnectionId }
  | {
      readonly type: 'error'
      readonly code: 'peer-not-found' | 'peer-unreachable' | 'not-joined'
    }

/**
 * Finds the recipient of a signal: another member of the sender's own room. This is the hot path:
 * nine of ten messages are signals, and they change no state.
 */
export const route = (
  room: Room,
  signal: { readonly connection: ConnectionId; readonly from: PeerId; readonly to: PeerId },
): Route => {
  if (connectionOf(room, signal.from) !== signal.connection) {
    return { type: 'error', code: 'not-joined' }
  }
  const to = connectionOf(room, signal.to)
  if (to === undefined || signal.to === signal.from) {
    return { type: 'error', code: 'peer-not-found' }
  }
  return to === null ? { type: 'error', code: 'peer-unreachable' } : { type: 'deliver', to }
}

/**
 * The connection of a member, also of one that waits for the end of a recovery: its links go on
 * meanwhile. `null` while it is offline, `undefined` when there is no such member.
 */
const connectionOf = (room: Room, id: PeerId): ConnectionId | null | undefined => {
  if (room.recovery === null) return findMember(room, id)?.connection
  const { returning, newcomers } = room.recovery
  const waiting = newcomers.find((newcomer) => newcomer.id === id)
  return (waiting ?? returning.find(({ claims }) => claims.id === id))?.connection
}

/** Delivers a signal to its target, or an error to its sender. */
export const relay = (room: Room, signal: Extract<RoomInput, { type: 'signal' }>): RoomEffect => {
  const result = route(room, signal)
  if (result.type === 'error') {
    const message = errorMessage({ code: result.code, about: 'signal' })
    return { type: 'send', to: [signal.connection], message }
  }
  const message = { type: 'signal', from: signal.from, data: signal.data } as const
  return { type: 'send', to: [result.to], message }
}
