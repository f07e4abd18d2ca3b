import { type ConnectionId, nodeOf } from '@skein/protocol'
import type { Room, RoomEffect } from '@skein/protocol/room'
import { connectionsOf } from './store.ts'

/** Nodes that hold a connection of the room, before a change of it or after. */
export const nodesConcerned = (before: Room | null, after: Room | null): ReadonlySet<string> =>
  new Set([...connectionsOf(before), ...connectionsOf(after)].map(nodeOf))

/** What a node has to do about a change: the effects on its connections. */
export const effectsFor = (effects: readonly RoomEffect[], node: string): readonly RoomEffect[] =>
  effects.flatMap((effect) => partFor(effect, node))

const partFor = (effect: RoomEffect, node: string): readonly RoomEffect[] => {
  const isThere = (connection: ConnectionId): boolean => nodeOf(connection) === node
  switch (effect.type) {
    case 'send': {
      const to = effect.to.filter(isThere)
      return to.length === 0 ? [] : [{ ...effect, to }]
    }
    case 'close':
      return isThere(effect.connection) ? [effect] : []
    case 'welcome':
    case 'resume':
    case 'refuse':
      return isThere(effect.to) ? [effect] : []
  }
}
