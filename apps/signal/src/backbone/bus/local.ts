import type { ConnectionId } from '@skein/protocol'
import type { BusTraffic } from '../../telemetry/backbone-metrics.ts'
import type { Bus, BusReceiver } from './bus.ts'

/** The bus of a single process: a function call. */
export class LocalBus implements Bus {
  readonly traffic: BusTraffic = { sent: 0, sentBytes: 0, received: 0, resent: 0 }
  #receiver: BusReceiver | null = null

  subscribe(receiver: BusReceiver): void {
    this.#receiver = receiver
  }

  signal(to: ConnectionId, frame: Buffer): boolean {
    return this.#receiver?.signal(to, frame) ?? false
  }

  /** Does nothing: signals arrive at once. */
  cancelRetransmits(): void {}

  async probe(): Promise<void> {}

  async close(): Promise<void> {
    this.#receiver = null
  }
}
