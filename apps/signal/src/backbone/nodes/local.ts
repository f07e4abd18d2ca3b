import { type Nodes, newNodeName } from './nodes.ts'

/** A single process: there are no other nodes. */
export class LocalNodes implements Nodes {
  readonly self: string = newNodeName()
  readonly isAwake: boolean = true

  subscribe(): void {}

  unknownNodes(): readonly string[] {
    return none
  }

  async checkLiveness(): Promise<void> {}

  deadIn(): readonly string[] {
    return none
  }

  watchRoom(): void {}

  async close(): Promise<void> {}
}

const none: readonly string[] = []
