import type { Millis } from '@skein/protocol'
import type { Log } from '../telemetry/log.ts'
import type { Backbone } from './backbone.ts'
import { parcelMark } from './bus/parcel.ts'
import { RedisBus } from './bus/redis.ts'
import { RedisNodes } from './nodes/redis.ts'
import { inboxOf } from './redis/keys.ts'
import { RedisConnection } from './redis/redis-connection.ts'
import { MaintenanceLoop } from './redis-rounds.ts'
import { RedisStore } from './store/redis.ts'
import { StoreClock } from './store/redis-clock.ts'
import { StoreWatch } from './store/redis-watch.ts'

export interface RedisBackboneOptions {
  readonly url: string
  readonly log: Log
  readonly leaseMs: Millis
  readonly beatMs: Millis
  readonly deadlineMs: Millis
  /** How long a room is kept that nobody changes. */
  readonly keepMs: Millis
}

/**
 * Many processes that share a Redis. Two connections: one for commands, one that hears the inbox of
 * this node. The inbox has news of rooms, and parcels with signals.
 */
export const redisBackbone = (options: RedisBackboneOptions): Backbone => {
  const { log, leaseMs } = options
  const clock = new StoreClock()
  let begun = (): void => {}
  const opened = new Promise<void>((resolve) => {
    begun = resolve
    // It may be away for long: then the server starts without it, and is not ready.
    setTimeout(resolve, openMs)
  })
  const redis = connect(options, {
    name: 'skein-commands',
    ready: () => void maintenance.runNow().then(begun),
  })
  const inbox = connect(options, { name: 'skein-inbox', ready: () => nodes.missed() })
  const watch = new StoreWatch({ redis, clock, changed: () => nodes.missed(), log })
  const nodes: RedisNodes = new RedisNodes({
    redis,
    watch,
    leaseMs,
    log,
    renamed: () => rename(),
    ended: async () => {
      maintenance.stop()
      await inbox.close()
    },
  })
  const node = (): string => nodes.self
  const bus = new RedisBus({ ...signalTimes, redis, node, log })
  const store = new RedisStore({
    redis,
    clock,
    node,
    life: () => watch.life,
    identity: { get: () => watch.identity, changed: (identity) => watch.replaced(identity) },
    probe: () => watch.probe(),
    keepMs: options.keepMs,
    log,
  })
  const listen = (): void => {
    inbox.subscribe(inboxOf(node()), hear).catch(() => inbox.replace())
  }
  const hear = (message: Buffer): void => {
    if (message[0] === parcelMark.charCodeAt(0)) bus.receive(message)
    else store.receive(message)
  }
  const rename = (): void => {
    bus.restart()
    listen()
  }
  const maintenance = new MaintenanceLoop({
    everyMs: options.beatMs,
    watch: () => watch.look(),
    beat: () => nodes.renewLease(),
    tried: () => nodes.wake(),
    probe: () => bus.probe(),
    deaf: () => inbox.replace(),
    log,
  })
  nodes.subscribe({ nodeLost: (lost) => bus.forget(lost), missed: () => {}, evicted: () => {} })
  listen()
  return { store, bus, nodes, opened }
}

const connect = (
  { url, deadlineMs, log }: RedisBackboneOptions,
  more: { readonly name: string; readonly ready: () => void },
): RedisConnection => new RedisConnection({ url, deadlineMs, log, ...more })

const openMs = 1_000

/** A signal that has not come after a second and a half is too late for a link that opens. */
const signalTimes = {
  againMs: 250,
  budgetMs: 1_500,
  probeMs: 1_500,
  maxWaitingBytes: 16 * 1024 * 1024,
}
