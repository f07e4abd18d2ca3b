import type { HostReason } from '@skein/protocol'
import type { RoomEffect } from '@skein/protocol/room'

/** What a commit did to the seat of the host. */
export interface HostChanges {
  readonly hostChanges: readonly HostReason[]
}

/**
 * Counted by the node that commits, not where members are told: every node concerned tells its own.
 */
export const hostChangesIn = (effects: readonly RoomEffect[]): HostChanges => ({
  hostChanges: effects.flatMap((effect) =>
    effect.type === 'send' && effect.message.type === 'host' ? [effect.message.reason] : [],
  ),
})
