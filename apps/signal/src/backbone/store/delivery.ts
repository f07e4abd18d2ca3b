import { type ConnectionId, nodeOf } from '@skein/protocol'
import type { Room, RoomEffect } from '@skein/protocol/room'
import { connectionsOf } from './store.ts'

/** The nodes that hold a connection of the room, before the change or after it. */
export const affectedNodes = (before: Room | null, after: Room | null): ReadonlySet<string> =>
  new Set([...connectionsOf(before), ...connectionsOf(after)].map(nodeOf))

/** The effects of a change that concern connections of one node. */
export const effectsFor = (effects: readonly RoomEffect[], node: string): readonly RoomEffect[] =>
  effects.flatMap((effect) => partFor(effect, node))

const partFor = (effect: RoomEffect, node: string): readonly RoomEffect[] => {
  const isOnNode = (connection: ConnectionId): boolean => nodeOf(connection) === node
  switch (effect.type) {
    case 'send': {
      const to = effect.to.filter(isOnNode)
      return to.length === 0 ? [] : [{ ...effect, to }]
    }
    case 'close':
      return isOnNode(effect.connection) ? [effect] : []
    case 'welcome':
    case 'resume':
    case 'refuse':
      return isOnNode(effect.to) ? [effect] : []
  }
}
