import { type ConnectionId, closeCodes, encode } from '@skein/protocol'
import type { RoomEffect } from '@skein/protocol/room'
import type { BusReceiver } from '../backbone/bus/bus.ts'
import type { LocalConnections } from '../rooms/local-connections.ts'
import type { Attachment } from '../rooms/resync.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { textFrame } from '../wire/text-frame.ts'
import type { Connection } from './connection.ts'
import { latestTokens } from './latest-tokens.ts'

/** The connections of this node, by id: what the bus delivers to. */
export class ConnectionTable implements BusReceiver, LocalConnections {
  readonly #byId = new Map<ConnectionId, Connection>()
  readonly #metrics: Metrics

  constructor({ metrics }: { readonly metrics: Metrics }) {
    this.#metrics = metrics
  }

  get size(): number {
    return this.#byId.size
  }

  get memberCount(): number {
    let count = 0
    for (const connection of this.#byId.values()) if (connection.isMember) count += 1
    return count
  }

  add(connection: Connection): void {
    this.#byId.set(connection.id, connection)
  }

  delete({ id }: { readonly id: ConnectionId }): void {
    this.#byId.delete(id)
  }

  all(): Iterable<Connection> {
    return this.#byId.values()
  }

  applyEffects(effects: readonly RoomEffect[]): void {
    for (const effect of latestTokens(effects)) this.#deliver(effect)
  }

  readonly has = (connection: ConnectionId): boolean => this.#byId.has(connection)

  /** Looks at all of them: for when something went wrong. */
  attachmentsTo(room: string): readonly Attachment[] {
    const attached: Attachment[] = []
    for (const { attachment } of this.#byId.values()) {
      if (attachment?.room === room) attached.push(attachment)
    }
    return attached
  }

  closeAll(): void {
    for (const connection of this.#byId.values()) connection.end(closeCodes.goingAway)
  }

  signal(to: ConnectionId, frame: Buffer): boolean {
    return this.#byId.get(to)?.relay(frame) ?? false
  }

  #deliver(effect: RoomEffect): void {
    switch (effect.type) {
      case 'send':
        this.#sendToAll(effect)
        break
      case 'welcome':
        this.#byId.get(effect.to)?.welcome(effect)
        break
      case 'resume':
        this.#byId.get(effect.to)?.renew(effect.claims)
        break
      case 'refuse':
        this.#byId.get(effect.to)?.refuse(effect.message)
        break
      case 'close':
        this.#byId.get(effect.connection)?.end(effect.code, effect.reason)
    }
  }

  #sendToAll({ to, message }: Extract<RoomEffect, { type: 'send' }>): void {
    if (message.type === 'error') this.#metrics.errorSent(message.code)
    // Encoded once, not once a member.
    const frame = textFrame(encode(message))
    for (const id of to) this.#byId.get(id)?.writer.sendFrame(frame)
  }
}
