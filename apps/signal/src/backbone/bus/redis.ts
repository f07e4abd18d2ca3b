import { setImmediate } from 'node:timers'
import { type ConnectionId, type Millis, nodeOf } from '@skein/protocol'
import { errorFields, type Log } from '../../telemetry/log.ts'
import { inboxChannel } from '../redis/keys.ts'
import type { Commands } from '../redis/redis-connection.ts'
import type { Bus, BusReceiver } from './bus.ts'
import { type BusItem, encodeItem, readBusMessage, writeBusMessage } from './bus-message.ts'
import { InOrderReceiver } from './in-order-receiver.ts'
import { RetransmitQueue, type RetransmitQueueOptions } from './retransmit-queue.ts'

export interface RedisBusOptions extends RetransmitQueueOptions {
  readonly redis: Commands
  /** This node's current name. */
  readonly node: () => string
  readonly probeTimeoutMs: Millis
  readonly log: Log
}

/**
 * Sends signals to other nodes through Redis. Everything for one node in one turn of the event loop
 * is sent as one message, and retransmitted until that node acknowledges it.
 */
export class RedisBus implements Bus {
  readonly traffic = { sent: 0, sentBytes: 0, received: 0, resent: 0 }
  readonly #options: RedisBusOptions
  readonly #sendQueues = new Map<string, RetransmitQueue>()
  readonly #receivers = new Map<string, InOrderReceiver>()
  /** Items for each node, sent at the end of this turn. */
  #batches = new Map<string, Buffer[]>()
  readonly #probes = new Map<number, () => void>()
  readonly #timer: NodeJS.Timeout
  #receiver: BusReceiver | null = null
  #probeSerial = 0
  #isFlushScheduled = false

  constructor(options: RedisBusOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#retransmit(), options.retransmitMs / 2)
    this.#timer.unref()
  }

  subscribe(receiver: BusReceiver): void {
    this.#receiver = receiver
  }

  signal(to: ConnectionId, frame: Buffer, from: ConnectionId): boolean | Promise<boolean> {
    if (this.#receiver === null) return false
    const node = nodeOf(to)
    if (node === this.#options.node()) return this.#receiver.signal(to, frame)
    const delivered = this.#sendQueueFor(node).add({ to, frame, from, now: performance.now() })
    this.#scheduleFlush()
    return delivered
  }

  cancelRetransmits(from: ConnectionId): void {
    for (const queue of this.#sendQueues.values()) queue.cancelRetransmits(from)
  }

  /** Handles a bus message from this node's inbox. */
  receive(message: Buffer): void {
    try {
      const { sender, items } = readBusMessage(message)
      this.traffic.received += 1
      for (const item of items) this.#handle(sender, item)
      this.#queueAck(sender)
    } catch (error) {
      this.#options.log.error(errorFields(error), 'invalid bus message from another node')
    }
  }

  async probe(): Promise<void> {
    this.#probeSerial = (this.#probeSerial + 1) % 2 ** 32
    const serial = this.#probeSerial
    const { node, probeTimeoutMs } = this.#options
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => settle(new Error('The inbox is silent.')), probeTimeoutMs)
      const settle = (error: unknown): void => {
        clearTimeout(timer)
        this.#probes.delete(serial)
        if (error === null) resolve()
        else reject(error)
      }
      this.#probes.set(serial, () => settle(null))
      this.#publish(node(), [encodeItem({ type: 'probe', serial })]).catch(settle)
    })
  }

  /** Drops the state for a node that is dead. */
  removeNode(node: string): void {
    this.#sendQueues.get(node)?.close()
    this.#sendQueues.delete(node)
    this.#receivers.delete(node)
  }

  /** Drops the state for all nodes. To them, this node is another one after its rename. */
  reset(): void {
    for (const node of [...this.#sendQueues.keys()]) this.removeNode(node)
    this.#receivers.clear()
    this.#batches = new Map()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#receiver = null
    this.reset()
  }

  #handle(sender: string, item: BusItem): void {
    switch (item.type) {
      case 'signal':
        this.#receiverFor(sender).receive(item)
        break
      case 'skip-to':
        this.#receiverFor(sender).skipTo(item.serial)
        break
      case 'ack':
        this.#handleAck(sender, item)
        break
      case 'probe':
        this.#probes.get(item.serial)?.()
    }
  }

  #handleAck(sender: string, ack: Extract<BusItem, { type: 'ack' }>): void {
    const queue = this.#sendQueues.get(sender)
    queue?.acknowledge({ ...ack, now: performance.now() })
    if (queue?.canSend) this.#scheduleFlush()
  }

  #queueAck(sender: string): void {
    const ack = this.#receivers.get(sender)?.takeAck() ?? null
    if (ack === null) return
    this.#batchFor(sender).push(ack)
    this.#scheduleFlush()
  }

  #scheduleFlush(): void {
    if (this.#isFlushScheduled) return
    this.#isFlushScheduled = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#isFlushScheduled = false
    for (const [node, queue] of this.#sendQueues) {
      const items = queue.takeUnsent()
      if (items.length > 0) this.#batchFor(node).push(...items)
    }
    const batches = this.#batches
    this.#batches = new Map()
    for (const [node, items] of batches) this.#send(node, items)
  }

  #retransmit(): void {
    const now = performance.now()
    for (const [node, queue] of this.#sendQueues) {
      const items = queue.takeRetransmits(now)
      if (items.length === 0) continue
      this.traffic.resent += 1
      this.#send(node, items)
    }
  }

  /** Ignores failures: unacknowledged signals are retransmitted. */
  #send(node: string, items: readonly Buffer[]): void {
    this.#publish(node, items).catch((error) => {
      this.#options.log.debug(errorFields(error), 'bus message not sent')
    })
  }

  #publish(node: string, items: readonly Buffer[]): Promise<unknown> {
    const message = writeBusMessage(this.#options.node(), items)
    this.traffic.sent += 1
    this.traffic.sentBytes += message.length
    return this.#options.redis.send(['PUBLISH', inboxChannel(node), message])
  }

  #sendQueueFor(node: string): RetransmitQueue {
    return getOrCreate(this.#sendQueues, node, () => new RetransmitQueue(this.#options))
  }

  #receiverFor(node: string): InOrderReceiver {
    const deliver = (to: ConnectionId, frame: Buffer): boolean =>
      this.#receiver?.signal(to, frame) ?? false
    return getOrCreate(this.#receivers, node, () => new InOrderReceiver(deliver))
  }

  #batchFor(node: string): Buffer[] {
    return getOrCreate(this.#batches, node, () => [])
  }
}

const getOrCreate = <Value>(map: Map<string, Value>, key: string, create: () => Value): Value => {
  const existing = map.get(key)
  if (existing !== undefined) return existing
  const created = create()
  map.set(key, created)
  return created
}
