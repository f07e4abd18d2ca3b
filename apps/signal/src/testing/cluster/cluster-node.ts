import { type ConnectionId, connectionId, nodeOf } from '@skein/protocol'
import type { Room, RoomEffect, RoomPolicy } from '@skein/protocol/room'
import pino from 'pino'
import type { Nodes, NodesReceiver } from '../../backbone/nodes/nodes.ts'
import { RedisStore } from '../../backbone/store/redis.ts'
import { StoreClock } from '../../backbone/store/redis-clock.ts'
import { connectionsOf } from '../../backbone/store/store.ts'
import type { Attachment } from '../../rooms/resync.ts'
import { Rooms } from '../../rooms/rooms.ts'
import { Metrics } from '../../telemetry/metrics.ts'
import type { Timers } from '../../time/timers.ts'
import type { FakeRedis } from './fake-redis.ts'

export interface ClusterNodeOptions {
  readonly name: string
  readonly redis: FakeRedis
  readonly policy: RoomPolicy
  readonly acceptMs: number
  readonly timers: Timers
  readonly random: () => number
  readonly deliver: (effect: RoomEffect, to: ConnectionId) => void
  readonly attached: (node: string) => readonly Attachment[]
}

/** A node with the real rooms and the real store on a fake Redis. */
export class ClusterNode {
  readonly rooms: Rooms
  readonly name: string
  readonly #options: ClusterNodeOptions
  readonly #store: RedisStore
  readonly #dead = new Set<string>()
  readonly #receivers: NodesReceiver[] = []
  #identity: string
  #serial = 0
  #isStopped = false

  constructor(options: ClusterNodeOptions) {
    const { name, redis, policy, timers, random } = options
    this.name = name
    this.#options = options
    this.#identity = redis.identity
    const log = pino({ level: 'silent' })
    const clock = new StoreClock(timers)
    clock.observe(redis.now, timers.now())
    this.#store = new RedisStore({
      redis: redis.connect(),
      clock,
      node: () => name,
      life: () => ({ id: this.#identity, bornAt: redis.bornAt, mayHaveForked: true }),
      identity: {
        get: () => this.#identity,
        changed: (identity) => {
          this.#identity = identity
        },
      },
      probe: async () => {},
      roomTtlMs: 1_000_000,
      policy,
      timers,
      random,
      log,
    })
    this.rooms = new Rooms({
      store: this.#store,
      nodes: this.#nodes(),
      connections: this.#connections(),
      policy,
      rebuildWindowMs: options.acceptMs,
      retryMs: 0,
      maxGapMs: 0,
      isDraining: () => this.#isStopped,
      timers,
      metrics: new Metrics(),
      log,
    })
  }

  /** Simulates the end of the process: its rooms do nothing more. */
  stop(): void {
    this.#isStopped = true
  }

  newConnection(): ConnectionId {
    this.#serial += 1
    return connectionId(`${this.name}.${this.#serial}`)
  }

  receive(message: Buffer): void {
    this.#store.receive(message)
  }

  /** Re-reads the store identity and every room, as after the inbox was silent. */
  resync(): void {
    this.#identity = this.#options.redis.identity
    for (const receiver of this.#receivers) receiver.updatesMissed()
  }

  markDead(node: string): void {
    this.#dead.add(node)
    for (const receiver of this.#receivers) receiver.nodeLost(node)
  }

  #nodes(): Nodes {
    return {
      self: this.name,
      isAwake: true,
      subscribe: (receiver) => void this.#receivers.push(receiver),
      unknownNodes: () => [],
      checkLiveness: async () => {},
      deadNodesIn: (room: Room) => [
        ...new Set(
          connectionsOf(room)
            .map(nodeOf)
            .filter((node) => this.#dead.has(node)),
        ),
      ],
      watchRoom: () => {},
      close: async () => {},
    }
  }

  #connections(): ConstructorParameters<typeof Rooms>[0]['connections'] {
    const { deliver, attached } = this.#options
    return {
      applyEffects: (effects) => {
        for (const effect of effects) {
          for (const to of addressees(effect)) deliver(effect, to)
        }
      },
      has: (id) => attached(this.name).some(({ connection }) => connection === id),
      attachmentsTo: () => attached(this.name),
      closeAll: () => {},
    }
  }
}

const addressees = (effect: RoomEffect): readonly ConnectionId[] => {
  if (effect.type === 'close') return [effect.connection]
  return effect.type === 'send' ? effect.to : [effect.to]
}
