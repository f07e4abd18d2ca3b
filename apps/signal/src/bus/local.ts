import type { ConnectionId } from '@skein/protocol'
import type { RoomEffect } from '@skein/protocol/room'
import type { Bus, BusReceiver } from './bus.ts'

/** The bus of a single process: a function call. */
export class LocalBus implements Bus {
  #receiver: BusReceiver | null = null

  subscribe(receiver: BusReceiver): void {
    this.#receiver = receiver
  }

  publish(effects: readonly RoomEffect[]): void {
    this.#receiver?.effects(effects)
  }

  signal(to: ConnectionId, frame: Buffer): boolean {
    return this.#receiver?.signal(to, frame) ?? false
  }

  async probe(): Promise<void> {}

  async close(): Promise<void> {
    this.#receiver = null
  }
}
