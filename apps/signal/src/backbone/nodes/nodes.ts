import { randomBytes } from 'node:crypto'
import type { Room } from '@skein/protocol/room'

/** Receives what happens to this node and the others. */
export interface NodesReceiver {
  /** A node was declared dead: all its connections are gone. */
  readonly nodeLost: (node: string) => void
  /** Room updates may have been missed, so every room has to be read again. */
  readonly updatesMissed: () => void
  /**
   * The other nodes declared this one dead. Its members are no longer connected in any room; new
   * connections get this node's new name.
   */
  readonly evicted: () => void
}

/** The nodes that share rooms, and which of them are dead. */
export interface Nodes {
  /** This node's name; it changes when the other nodes declare this one dead. */
  readonly self: string
  /** False after this process stood still for so long that it may have been declared dead. */
  readonly isAwake: boolean
  readonly subscribe: (receiver: NodesReceiver) => void
  /** Nodes with connections in the room that were never checked; pass them to `checkLiveness`. */
  readonly unknownNodes: (room: Room) => readonly string[]
  readonly checkLiveness: (nodes: readonly string[]) => Promise<void>
  /** Dead nodes that still have connections in the room. */
  readonly deadNodesIn: (room: Room) => readonly string[]
  /** Keeps checking the leases of all nodes with connections in the room. */
  readonly watchRoom: (room: Room | null) => void
  readonly close: () => Promise<void>
}

/** A random name, so that no node reuses the name of another. */
export const newNodeName = (): string => randomBytes(6).toString('base64url')
