import { type ConnectionId, closeCodes, encode } from '@skein/protocol'
import type { RoomEffect } from '@skein/protocol/room'
import type { BusReceiver } from '../backbone/bus/bus.ts'
import type { LocalConnections } from '../rooms/local-connections.ts'
import type { Attachment } from '../rooms/resync.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { textFrame } from '../wire/text-frame.ts'
import { coalesceTokens } from './coalesce-tokens.ts'
import type { Connection } from './connection.ts'
import type { Attachable } from './connection-state.ts'
import { RoomIndex } from './room-index.ts'

/** The connections of this node, by ID. It receives signals from the bus and effects of rooms. */
export class ConnectionTable implements BusReceiver, LocalConnections {
  readonly #byId = new Map<ConnectionId, Connection>()
  readonly #byRoom = new RoomIndex<Attachable>()
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
    for (const effect of coalesceTokens(effects)) this.#apply(effect)
  }

  readonly has = (connection: ConnectionId): boolean => this.#byId.has(connection)

  /** The connection has entered or left a room. */
  move(connection: Attachable, from: string | null, to: string | null): void {
    this.#byRoom.move(connection, from, to)
  }

  attachmentsTo(room: string): readonly Attachment[] {
    return [...this.#byRoom.in(room)].flatMap(({ attachment }) => attachment ?? [])
  }

  closeAll(): void {
    for (const connection of this.#byId.values()) connection.close(closeCodes.goingAway)
  }

  signal(to: ConnectionId, frame: Buffer): boolean {
    const connection = this.#byId.get(to)
    if (connection === undefined) return false
    if (frame.length > 0) return connection.deliverSignal(frame)
    connection.checkNow()
    return true
  }

  #apply(effect: RoomEffect): void {
    switch (effect.type) {
      case 'send':
        this.#sendToAll(effect)
        break
      case 'welcome':
        this.#byId.get(effect.to)?.sendWelcome(effect)
        break
      case 'resume':
        this.#byId.get(effect.to)?.sendResumeToken(effect.claims)
        break
      case 'refuse':
        this.#byId.get(effect.to)?.rejectJoin(effect.message)
        break
      case 'close':
        this.#byId.get(effect.connection)?.close(effect.code, effect.reason)
    }
  }

  #sendToAll({ to, message }: Extract<RoomEffect, { type: 'send' }>): void {
    if (message.type === 'error') this.#metrics.errorSent(message.code)
    // Encoded once for all members.
    const frame = textFrame(encode(message))
    for (const id of to) {
      const connection = this.#byId.get(id)
      connection?.writer.sendFrame(frame)
      if (message.type === 'host') connection?.hostChanged(message.host)
    }
  }
}
