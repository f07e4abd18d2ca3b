import { setImmediate } from 'node:timers'
import { type ConnectionId, type Millis, nodeOf } from '@skein/protocol'
import { errorFields, type Log } from '../../telemetry/log.ts'
import { inboxOf } from '../redis/keys.ts'
import type { Commands } from '../redis/redis-connection.ts'
import type { Bus, BusReceiver } from './bus.ts'
import { Incoming } from './incoming.ts'
import { Outgoing, type OutgoingOptions } from './outgoing.ts'
import { readParcel, writeItem, writeParcel } from './parcel.ts'

export interface RedisBusOptions extends OutgoingOptions {
  readonly redis: Commands
  /** This node's name at the moment. */
  readonly node: () => string
  readonly probeMs: Millis
  readonly log: Log
}

/**
 * Signals from node to node through Redis: what goes to one node in one turn of the event loop goes
 * there as one message, and is kept and sent again until that node has answered.
 */
export class RedisBus implements Bus {
  readonly traffic = { sent: 0, sentBytes: 0, received: 0, resent: 0 }
  readonly #options: RedisBusOptions
  readonly #outgoing = new Map<string, Outgoing>()
  readonly #incoming = new Map<string, Incoming>()
  /** Items for each node, to be sent at the end of this turn. */
  #due = new Map<string, Buffer[]>()
  readonly #probes = new Map<number, () => void>()
  readonly #timer: NodeJS.Timeout
  #receiver: BusReceiver | null = null
  #probeSerial = 0
  #isFlushing = false

  constructor(options: RedisBusOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#review(), options.againMs / 2)
    this.#timer.unref()
  }

  subscribe(receiver: BusReceiver): void {
    this.#receiver = receiver
  }

  signal(to: ConnectionId, frame: Buffer, from: ConnectionId): boolean | Promise<boolean> {
    if (this.#receiver === null) return false
    const node = nodeOf(to)
    if (node === this.#options.node()) return this.#receiver.signal(to, frame)
    const taken = this.#outgoingTo(node).add({ to, frame, from, now: performance.now() })
    this.#flushSoon()
    return taken
  }

  cancelRetransmits(from: ConnectionId): void {
    for (const outgoing of this.#outgoing.values()) outgoing.cancelRetransmits(from)
  }

  /** A parcel in this node's inbox. */
  receive(message: Buffer): void {
    try {
      const { sender, items } = readParcel(message)
      this.traffic.received += 1
      for (const item of items) this.#handle(sender, item)
      this.#answer(sender)
    } catch (error) {
      this.#options.log.error(errorFields(error), 'invalid bus message from another node')
    }
  }

  async probe(): Promise<void> {
    this.#probeSerial = (this.#probeSerial + 1) % 2 ** 32
    const serial = this.#probeSerial
    const { node, probeMs } = this.#options
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => end(new Error('The inbox is silent.')), probeMs)
      const end = (error: unknown): void => {
        clearTimeout(timer)
        this.#probes.delete(serial)
        if (error === null) resolve()
        else reject(error)
      }
      this.#probes.set(serial, () => end(null))
      this.#send(node(), [writeItem({ type: 'probe', serial })]).catch(end)
    })
  }

  /** Nobody answers there any more. */
  forget(node: string): void {
    this.#outgoing.get(node)?.close()
    this.#outgoing.delete(node)
    this.#incoming.delete(node)
  }

  /** This node has another name: to the others it is another one. */
  restart(): void {
    for (const node of [...this.#outgoing.keys()]) this.forget(node)
    this.#incoming.clear()
    this.#due = new Map()
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#receiver = null
    this.restart()
  }

  #handle(sender: string, item: ReturnType<typeof readParcel>['items'][number]): void {
    switch (item.type) {
      case 'signal':
        this.#incomingFrom(sender).receive(item)
        break
      case 'from':
        this.#incomingFrom(sender).startFrom(item.serial)
        break
      case 'ack':
        this.#outgoing.get(sender)?.acknowledged({ ...item, now: performance.now() })
        break
      case 'probe':
        this.#probes.get(item.serial)?.()
    }
  }

  #answer(sender: string): void {
    const answer = this.#incoming.get(sender)?.answer() ?? null
    if (answer === null) return
    this.#dueFor(sender).push(answer)
    this.#flushSoon()
  }

  #flushSoon(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    setImmediate(() => this.#flush())
  }

  #flush(): void {
    this.#isFlushing = false
    for (const [node, outgoing] of this.#outgoing) {
      const items = outgoing.take()
      if (items.length > 0) this.#dueFor(node).push(...items)
    }
    const due = this.#due
    this.#due = new Map()
    for (const [node, items] of due) this.#post(node, items)
  }

  #review(): void {
    const now = performance.now()
    for (const [node, outgoing] of this.#outgoing) {
      const items = outgoing.review(now)
      if (items.length === 0) continue
      this.traffic.resent += 1
      this.#post(node, items)
    }
  }

  /** Lost or not: whoever waits for an answer sends again. */
  #post(node: string, items: readonly Buffer[]): void {
    this.#send(node, items).catch((error) => {
      this.#options.log.debug(errorFields(error), 'bus message not sent')
    })
  }

  #send(node: string, items: readonly Buffer[]): Promise<unknown> {
    const parcel = writeParcel(this.#options.node(), items)
    this.traffic.sent += 1
    this.traffic.sentBytes += parcel.length
    return this.#options.redis.send(['PUBLISH', inboxOf(node), parcel])
  }

  #outgoingTo(node: string): Outgoing {
    return getOrMake(this.#outgoing, node, () => new Outgoing(this.#options))
  }

  #incomingFrom(node: string): Incoming {
    const take = (to: ConnectionId, frame: Buffer): boolean =>
      this.#receiver?.signal(to, frame) ?? false
    return getOrMake(this.#incoming, node, () => new Incoming(take))
  }

  #dueFor(node: string): Buffer[] {
    return getOrMake(this.#due, node, () => [])
  }
}

const getOrMake = <Value>(map: Map<string, Value>, key: string, make: () => Value): Value => {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
