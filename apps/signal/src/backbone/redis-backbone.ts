import type { Millis } from '@skein/protocol'
import type { RoomPolicy } from '@skein/protocol/room'
import type { Log } from '../telemetry/log.ts'
import { systemTimers } from '../time/timers.ts'
import type { Backbone } from './backbone.ts'
import { busMessageMark } from './bus/bus-message.ts'
import { RedisBus } from './bus/redis.ts'
import { MaintenanceLoop } from './maintenance-loop.ts'
import { RedisNodes } from './nodes/redis.ts'
import { inboxChannel } from './redis/keys.ts'
import { RedisConnection } from './redis/redis-connection.ts'
import { RedisStore } from './store/redis.ts'
import { StoreClock } from './store/redis-clock.ts'
import { StoreWatch } from './store/redis-watch.ts'

export interface RedisBackboneOptions {
  readonly url: string
  readonly log: Log
  readonly leaseMs: Millis
  readonly maintenanceMs: Millis
  readonly commandTimeoutMs: Millis
  /** How long Redis keeps a room that does not change. */
  readonly roomTtlMs: Millis
  readonly policy: RoomPolicy
}

/**
 * The backbone of several processes that share a Redis. It uses two connections: one for commands,
 * one subscribed to the inbox of this node. The inbox receives room updates and bus messages.
 */
export const redisBackbone = (options: RedisBackboneOptions): Backbone => {
  const { log, leaseMs, roomTtlMs, policy } = options
  const clock = new StoreClock(systemTimers)
  const { opened, markOpened } = openWithin(openTimeoutMs)
  const redis = connect(options, {
    name: 'skein-commands',
    onReady: () => void maintenance.runNow().then(markOpened),
  })
  const missed = (): void => nodes.reportMissedUpdates()
  const inbox = connect(options, { name: 'skein-inbox', onReady: missed })
  const watch = new StoreWatch({ redis, clock, onReplaced: missed, log })
  const nodes: RedisNodes = new RedisNodes({
    redis,
    watch,
    leaseMs,
    log,
    onRename: () => {
      bus.reset()
      subscribe()
    },
    onClose: async () => {
      maintenance.stop()
      await inbox.close()
    },
  })
  const node = (): string => nodes.self
  const bus = new RedisBus({ ...busLimits, redis, node, log })
  const store = new RedisStore({
    redis,
    clock,
    node,
    life: () => watch.life,
    identity: { get: () => watch.identity, changed: (other) => watch.identityChanged(other) },
    probe: () => watch.probe(),
    roomTtlMs,
    policy,
    timers: systemTimers,
    random: Math.random,
    log,
  })
  const subscribe = (): void => {
    inbox.subscribe(inboxChannel(node()), receive).catch(() => inbox.reconnect())
  }
  const receive = (message: Buffer): void => {
    if (message[0] === busMessageMark.charCodeAt(0)) bus.receive(message)
    else store.receive(message)
  }
  const maintenance = startMaintenance(options, { watch, nodes, bus, inbox })
  subscribe()
  return { store, bus, nodes, opened }
}

/** Resolves `opened` when told to, or after a while: the server then starts, and is not ready. */
const openWithin = (timeoutMs: Millis) => {
  let markOpened = (): void => {}
  const opened = new Promise<void>((resolve) => {
    markOpened = resolve
    setTimeout(resolve, timeoutMs)
  })
  return { opened, markOpened }
}

const startMaintenance = (
  { maintenanceMs, log }: RedisBackboneOptions,
  {
    watch,
    nodes,
    bus,
    inbox,
  }: {
    readonly watch: StoreWatch
    readonly nodes: RedisNodes
    readonly bus: RedisBus
    readonly inbox: RedisConnection
  },
): MaintenanceLoop => {
  nodes.subscribe({
    nodeLost: (node) => bus.removeNode(node),
    updatesMissed: () => {},
    evicted: () => {},
  })
  return new MaintenanceLoop({
    everyMs: maintenanceMs,
    checkStore: () => watch.refresh(),
    renewLease: () => nodes.renewLease(),
    onLeaseAttempt: () => nodes.markAwake(),
    probeInbox: () => bus.probe(),
    onInboxSilent: () => inbox.reconnect(),
    log,
  })
}

const connect = (
  { url, commandTimeoutMs, log }: RedisBackboneOptions,
  more: { readonly name: string; readonly onReady: () => void },
): RedisConnection => new RedisConnection({ url, commandTimeoutMs, log, ...more })

const openTimeoutMs = 1_000

const busLimits = {
  retransmitMs: 250,
  /** A signal that is delayed longer than this comes too late for the link it sets up. */
  giveUpMs: 1_500,
  probeTimeoutMs: 1_500,
  maxQueuedBytes: 16 * 1024 * 1024,
  /** At 15 MB/s, the most that one core sends, this is a quarter of a second. */
  windowBytes: 4 * 1024 * 1024,
  /** Sent to a dead node twice a second until its signals are given up. */
  lossWindowBytes: 64 * 1024,
}
