import { errorMessage } from '../codec/encode.ts'
import type { ConnectionId, PeerId } from '../ids.ts'
import { findAttached, findMember } from './members.ts'
import type { Room, RoomEffect, RoomInput } from './room.ts'

/** Where a signal goes, or why it goes nowhere. */
export type Route =
  | { readonly type: 'deliver'; readonly to: ConnectionId }
  | {
      readonly type: 'error'
      readonly code: 'peer-not-found' | 'peer-unreachable' | 'not-joined'
    }

/**
 * The hot path: nine of ten messages are signals, and they change no state. Looks only inside the
 * sender's own room; the sender itself is no peer of its own.
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

/** A signal as an effect: to its target, or an error back to its sender. */
export const relay = (room: Room, signal: Extract<RoomInput, { type: 'signal' }>): RoomEffect => {
  const routed = route(room, signal)
  if (routed.type === 'error') {
    const message = errorMessage({ code: routed.code, about: 'signal' })
    return { type: 'send', to: [signal.connection], message }
  }
  const message = { type: 'signal', from: signal.from, data: signal.data } as const
  return { type: 'send', to: [routed.to], message }
}
