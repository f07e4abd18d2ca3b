import { errorMessage } from '../codec/encode.ts'
import type { ConnectionId, PeerId } from '../ids.ts'
import { findAttached, findMember } from './members.ts'
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
  const sender = findAttached(room, { id: signal.from, connection: signal.connection })
  if (sender === null) return { type: 'error', code: 'not-joined' }
  const target = findMember(room, signal.to)
  if (target === null || target === sender) return { type: 'error', code: 'peer-not-found' }
  if (target.connection === null) return { type: 'error', code: 'peer-unreachable' }
  return { type: 'deliver', to: target.connection }
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
