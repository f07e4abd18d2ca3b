import type { JoinOptions, Room } from './api.ts'
import { join } from './room/join.ts'
import { knock } from './signaling/knocker.ts'
import { systemClock } from './time/clock.ts'

export type { PeerId, Presence, SkeinErrorCode } from '@skein/protocol'
export type * from './api.ts'
export { SkeinError } from './base/errors.ts'

/**
 * Joins a room; resolves when the server has admitted this peer.
 *
 * Rejects with a `SkeinError`: `bad-argument`, `timeout`, `connect-failed`, `room-full`,
 * `unauthorized`, `origin-refused`, `overloaded`, `aborted` and the like.
 *
 * @example
 * const room = await joinRoom({ url: 'wss://example.org/ws', room: 'blue-door' })
 * const chat = room.channel<{ text: string }>('chat')
 * chat.on('message', ({ data, from }) => console.log(from, data.text))
 * await chat.send({ text: 'hi' })
 */
export const joinRoom = (options: JoinOptions): Promise<Room> =>
  join(options, {
    clock: systemClock,
    random: Math.random,
    knock,
    // Node has none.
    sendBeacon: (url, body) => globalThis.navigator?.sendBeacon?.(url, body),
    loadRoom: () => import('./room/room.ts'),
    loadLazyFeatures: () => import('./room/lazy-features.ts'),
    loadRejoin: () => import('./room/rejoin.ts'),
    loadLog: () => import('./room/log.ts'),
  })
