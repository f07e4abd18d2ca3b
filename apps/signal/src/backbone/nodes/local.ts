import { type Nodes, newNodeName } from './nodes.ts'

/** The nodes of a server that runs as a single process: there are no others. */
export class LocalNodes implements Nodes {
  readonly self: string = newNodeName()
  readonly isAwake: boolean = true

  subscribe(): void {}

  unknownNodes(): readonly string[] {
    return none
  }

  async checkLiveness(): Promise<void> {}

  deadNodesIn(): readonly string[] {
    return none
  }

  watchRoom(): void {}

  async close(): Promise<void> {}
}

const none: readonly string[] = []
