import type { HostReason } from '@skein/protocol'
import type { RoomEffect } from '@skein/protocol/room'

/** The host changes in one commit. */
export interface HostChanges {
  readonly hostChanges: readonly HostReason[]
}

/** Called only by the node that commits, so that a change is not counted on every node. */
export const hostChangesIn = (effects: readonly RoomEffect[]): HostChanges => ({
  hostChanges: effects.flatMap((effect) =>
    effect.type === 'send' && effect.message.type === 'host' ? [effect.message.reason] : [],
  ),
})
