import type { Millis } from '@skein/protocol'
import { nodeOf } from '@skein/protocol'
import type { Room } from '@skein/protocol/room'
import { errorFields, type Log } from '../../telemetry/log.ts'
import { nodeKey } from '../redis/keys.ts'
import type { Commands } from '../redis/redis-connection.ts'
import { markDeadScript, renewScript } from '../redis/scripts.ts'
import type { StoreWatch } from '../store/redis-watch.ts'
import { connectionsOf } from '../store/store.ts'
import { type Nodes, type NodesReceiver, newNodeName } from './nodes.ts'

export interface RedisNodesOptions {
  readonly redis: Commands
  readonly watch: StoreWatch
  readonly leaseMs: Millis
  readonly log: Log
  /** Called when this node has a new name: its inbox has moved too. */
  readonly onRename: () => void
  readonly onClose: () => Promise<void>
}

/**
 * The nodes that share a Redis. Each renews a lease. When a node has not renewed it for a whole
 * lease, while the store was reachable all the time, a node that shares a room with it declares it
 * dead. If it is still running, it continues under another name.
 */
export class RedisNodes implements Nodes {
  readonly #options: RedisNodesOptions
  /** Nodes that share rooms with this one. */
  readonly #watched = new Set<string>()
  readonly #dead = new Set<string>()
  #self = newNodeName()
  #receivers: NodesReceiver[] = []
  #awakeAt = performance.now()

  constructor(options: RedisNodesOptions) {
    this.#options = options
  }

  get self(): string {
    return this.#self
  }

  get isAwake(): boolean {
    return performance.now() - this.#awakeAt < this.#options.leaseMs * maxPauseShare
  }

  subscribe(receiver: NodesReceiver): void {
    this.#receivers.push(receiver)
  }

  unknownNodes(room: Room): readonly string[] {
    return [...nodesIn(room)].filter(
      (node) => node !== this.#self && !this.#watched.has(node) && !this.#dead.has(node),
    )
  }

  async checkLiveness(nodes: readonly string[]): Promise<void> {
    for (const node of nodes) if (node !== this.#self) this.#watched.add(node)
    await Promise.all(nodes.map((node) => this.#checkLease(node)))
  }

  deadNodesIn(room: Room): readonly string[] {
    return this.#dead.size === 0 ? [] : [...nodesIn(room)].filter((node) => this.#dead.has(node))
  }

  watchRoom(room: Room | null): void {
    if (room === null) return
    for (const node of nodesIn(room)) {
      if (node !== this.#self && !this.#dead.has(node)) this.#watched.add(node)
    }
  }

  /** Renews the lease of this node and checks those of the others; due several times per lease. */
  async renewLease(): Promise<void> {
    if (!(await this.#renew(this.#self))) {
      const name = newNodeName()
      // Before the name appears in a room: a node without a lease would be declared dead.
      await this.#renew(name)
      this.#rename(name)
    }
    await Promise.all([...this.#watched].map((node) => this.#checkLease(node)))
  }

  /** Called after each attempt to renew the lease: the event loop is running. */
  markAwake(): void {
    this.#awakeAt = performance.now()
  }

  reportMissedUpdates(): void {
    for (const receiver of this.#receivers) receiver.updatesMissed()
  }

  async close(): Promise<void> {
    this.#receivers = []
    await this.#options.onClose()
  }

  /** Returns false when the other nodes have declared that name dead. */
  async #renew(name: string): Promise<boolean> {
    const { redis, leaseMs } = this.#options
    const args = [String(leaseMs)]
    return (await renewScript.run(redis, { key: nodeKey(name), args })) !== 0
  }

  /** Continues under another name, without connections. */
  #rename(name: string): void {
    const { log, onRename } = this.#options
    log.warn('lease lost; closing all connections')
    this.#self = name
    onRename()
    for (const receiver of this.#receivers) receiver.evicted()
  }

  async #checkLease(node: string): Promise<void> {
    const { redis, log } = this.#options
    try {
      const lease = await redis.send(['GET', nodeKey(node)])
      if (lease === 'dead') this.#markDead(node)
      if (lease !== null || !this.#canDeclareDead()) return
      const isDead = await markDeadScript.run(redis, {
        key: nodeKey(node),
        args: [String(deadMarkerTtlMs)],
      })
      if (isDead === 1) this.#markDead(node)
    } catch (error) {
      log.debug(errorFields(error), 'node lease check failed')
    }
  }

  /**
   * A store that was unreachable or replaced may have lost the leases of running nodes, so all
   * nodes must first have had a whole lease to renew them.
   */
  #canDeclareDead(): boolean {
    const { redis, watch, leaseMs } = this.#options
    const since = redis.healthySince
    const healthyMs = since === null ? 0 : performance.now() - since
    return healthyMs >= leaseMs && performance.now() - watch.lifeSince >= leaseMs
  }

  #markDead(node: string): void {
    this.#watched.delete(node)
    if (this.#dead.has(node)) return
    this.#dead.add(node)
    if (this.#dead.size > maxDeadNodes) deleteOldest(this.#dead)
    this.#options.log.warn({ node }, 'node lease expired')
    for (const receiver of this.#receivers) receiver.nodeLost(node)
  }
}

const nodesIn = (room: Room): ReadonlySet<string> => new Set(connectionsOf(room).map(nodeOf))

/** Within this time, a node that was declared dead and still runs will have noticed. */
const deadMarkerTtlMs: Millis = 24 * 3_600_000
const maxDeadNodes = 1_000
/**
 * Share of a lease for which this process may stand still. Before it is used up, no node declares
 * this one dead and no client gives its connection up.
 */
const maxPauseShare = 2 / 3

const deleteOldest = (set: Set<string>): void => {
  for (const first of set) {
    set.delete(first)
    return
  }
}
