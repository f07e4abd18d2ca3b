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
  /** This node has a new name, and listens there. */
  readonly renamed: () => void
  readonly ended: () => Promise<void>
}

/**
 * The nodes that share a Redis. Each says again and again that it lives; who has not said so for a
 * whole lease, while the store could be reached all the time, is declared dead by whoever shares a
 * room with it, and has to take another name if it is not.
 */
export class RedisNodes implements Nodes {
  readonly #options: RedisNodesOptions
  /** Those who share rooms with this one. */
  readonly #known = new Set<string>()
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
    return performance.now() - this.#awakeAt < this.#options.leaseMs * awakeShare
  }

  subscribe(receiver: NodesReceiver): void {
    this.#receivers.push(receiver)
  }

  unknownNodes(room: Room): readonly string[] {
    return [...nodesIn(room)].filter(
      (node) => node !== this.#self && !this.#known.has(node) && !this.#dead.has(node),
    )
  }

  async checkLiveness(nodes: readonly string[]): Promise<void> {
    for (const node of nodes) if (node !== this.#self) this.#known.add(node)
    await Promise.all(nodes.map((node) => this.#checkLease(node)))
  }

  deadIn(room: Room): readonly string[] {
    return this.#dead.size === 0 ? [] : [...nodesIn(room)].filter((node) => this.#dead.has(node))
  }

  /** Who is in a room with this one is watched. */
  watchRoom(room: Room | null): void {
    if (room === null) return
    for (const node of nodesIn(room)) {
      if (node !== this.#self && !this.#dead.has(node)) this.#known.add(node)
    }
  }

  /** Says that this node lives, and looks for those who do not say it; due a few times a lease. */
  async renewLease(): Promise<void> {
    if (!(await this.#renew(this.#self))) {
      const name = newNodeName()
      // Before anybody can meet the name in a room: one without a key is buried.
      await this.#renew(name)
      this.#rename(name)
    }
    await Promise.all([...this.#known].map((node) => this.#checkLease(node)))
  }

  /** The event loop turns, and it was tried to learn what became of this node. */
  wake(): void {
    this.#awakeAt = performance.now()
  }

  missed(): void {
    for (const receiver of this.#receivers) receiver.missed()
  }

  async close(): Promise<void> {
    this.#receivers = []
    await this.#options.ended()
  }

  /** False for a name that the others took for dead. */
  async #renew(name: string): Promise<boolean> {
    const { redis, leaseMs } = this.#options
    const words = [String(leaseMs)]
    return (await renewScript.run(redis, { key: nodeKey(name), words })) !== 0
  }

  /** The others took this node for dead: it begins anew, under another name. */
  #rename(name: string): void {
    const { log, renamed } = this.#options
    log.warn('lease lost; closing all connections')
    this.#self = name
    renamed()
    for (const receiver of this.#receivers) receiver.evicted()
  }

  async #checkLease(node: string): Promise<void> {
    const { redis, log } = this.#options
    try {
      const word = await redis.send(['GET', nodeKey(node)])
      if (word === 'dead') this.#markDead(node)
      if (word !== null || !this.#mayJudge()) return
      const isDead = await markDeadScript.run(redis, {
        key: nodeKey(node),
        words: [String(graveMs)],
      })
      if (isDead === 1) this.#markDead(node)
    } catch (error) {
      log.debug(errorFields(error), 'node lease check failed')
    }
  }

  /** A store that was away has forgotten who lives: all had to have the time to say so again. */
  #mayJudge(): boolean {
    const { redis, watch, leaseMs } = this.#options
    const since = redis.soundSince
    const soundMs = since === null ? 0 : performance.now() - since
    return soundMs >= leaseMs && performance.now() - watch.knownSince >= leaseMs
  }

  #markDead(node: string): void {
    this.#known.delete(node)
    if (this.#dead.has(node)) return
    this.#dead.add(node)
    if (this.#dead.size > mostDead) forgetFirst(this.#dead)
    this.#options.log.warn({ node }, 'node lease expired')
    for (const receiver of this.#receivers) receiver.nodeLost(node)
  }
}

const nodesIn = (room: Room): ReadonlySet<string> => new Set(connectionsOf(room).map(nodeOf))

/** A node that is not dead learns in this time that it was taken for it. */
const graveMs: Millis = 24 * 3_600_000
const mostDead = 1_000
/** Of a lease: nobody has been taken for dead or given up by its clients before that. */
const awakeShare = 2 / 3

const forgetFirst = (set: Set<string>): void => {
  for (const first of set) {
    set.delete(first)
    return
  }
}
