import { randomBytes } from 'node:crypto'
import type { Room } from '@skein/protocol/room'

/** What a node has to know of the others. */
export interface NodesReceiver {
  /** A node is gone for good, and all its connections with it. */
  readonly nodeLost: (node: string) => void
  /** Something may have passed us by: every room has to be looked at again. */
  readonly missed: () => void
  /** The others took this node for dead. Its connections are of nobody; new ones get a new name. */
  readonly evicted: () => void
}

/** The nodes that share rooms: who they are, and who of them is gone. */
export interface Nodes {
  /** This node's name; it changes when the others took it for dead. */
  readonly self: string
  /** False for a node that stood still for long and does not know yet what became of it. */
  readonly isAwake: boolean
  readonly subscribe: (receiver: NodesReceiver) => void
  /** Nodes with connections in the room of which nothing is known yet: `meet` them. */
  readonly unknownNodes: (room: Room) => readonly string[]
  readonly checkLiveness: (nodes: readonly string[]) => Promise<void>
  /** Nodes with connections in the room that are gone. */
  readonly deadIn: (room: Room) => readonly string[]
  /** Who is in a room with this node matters to it. */
  readonly watchRoom: (room: Room | null) => void
  readonly close: () => Promise<void>
}

/** Random, so that no node takes up a name that was another's. */
export const newNodeName = (): string => randomBytes(6).toString('base64url')
