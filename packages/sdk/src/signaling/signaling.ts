import type { ClientMessage, ServerMessage, WelcomeMessage } from '@skein/protocol'
import type { SkeinErrorShape } from '../api.ts'

/** What the signaling client tells its owner. */
export interface SignalingObserver {
  /** The first, or the whole truth after a reconnect or at any other time. */
  readonly welcomed: (welcome: WelcomeMessage) => void
  /** In order; `revision`s without a gap (a gap is healed by a reconnect inside the client). */
  readonly received: (
    message: Exclude<ServerMessage, { type: 'welcome' | 'resume' | 'pong' | 'goaway' }>,
  ) => void
  /** `true` while welcomed on a live socket. */
  readonly onlineChanged: (online: boolean) => void
  /** For good: refused, kicked, superseded, or `close()`d (`null`). */
  readonly closed: (error: SkeinErrorShape | null) => void
}

export interface SignalingClient {
  readonly isOnline: boolean
  /**
   * Sends, paced to the server's limits; signals wait (bounded) while offline, others are dropped
   * and answered with `false`.
   */
  readonly send: (
    message: Exclude<ClientMessage, { type: 'join' | 'update' | 'ping' | 'leave' }>,
  ) => boolean
  /** While true the backoff stays below 3 s. */
  readonly setHasOpenLinks: (hasOpenLinks: boolean) => void
  /** What the next join or resume says of me; also sent as `update` when online. */
  readonly update: (change: {
    readonly presence?: WelcomeMessage['self']['presence']
    readonly canHost?: boolean
    readonly priority?: number
  }) => void
  /** Look now whether the socket lives, or reconnect at once (`online`, `pageshow`). */
  readonly probe: () => void
  /** `leave: true` says goodbye; without it the membership may be resumed. Idempotent. */
  readonly close: (options: { readonly leave: boolean }) => void
}
