import type { Clock } from '../time/clock.ts'
import { FakeConnection, FakeExplicitConnection, type FakeMedium } from './fake-peer-connection.ts'

export interface FakeNetworkOptions {
  readonly clock: Clock
  /** Default: no variation. */
  readonly random?: () => number
  /** The longest delay of a packet or a negotiation step. Default: 20. */
  readonly maxDelayMs?: number
}

/** Connects fake connections. Machines have names; the path between two machines can be cut. */
export class FakeNetwork implements FakeMedium {
  /** Whether `getStats` reports a relayed path. */
  isRelayed = false
  readonly #connections: FakeConnection[] = []
  readonly #cuts = new Set<string>()
  readonly #addresses = new Map<string, number>()
  readonly #clock: Clock
  readonly #random: () => number
  readonly #maxDelayMs: number

  constructor({ clock, random = () => 0.5, maxDelayMs = 20 }: FakeNetworkOptions) {
    this.#clock = clock
    this.#random = random
    this.#maxDelayMs = maxDelayMs
  }

  /** The RTCPeerConnection constructor for one machine. `needsExplicitSdp`: like node-datachannel. */
  port(
    owner: string,
    { needsExplicitSdp = false }: { readonly needsExplicitSdp?: boolean } = {},
  ): typeof RTCPeerConnection {
    const network = this
    const Base = needsExplicitSdp ? FakeExplicitConnection : FakeConnection
    const Port = class extends Base {
      constructor() {
        super(network, owner)
      }
    }
    // The fake implements only what Skein uses.
    const port: unknown = Port
    return port as typeof RTCPeerConnection
  }

  /** All open connections, or those of one machine. */
  connections(owner?: string): readonly FakeConnection[] {
    return this.#connections.filter(
      (each) => each.connectionState !== 'closed' && (owner === undefined || each.owner === owner),
    )
  }

  /** Every packet between the two is lost until `restore`. */
  cut(one: string, other: string): void {
    this.#cuts.add(pair(one, other))
    this.changed()
  }

  restore(one: string, other: string): void {
    this.#cuts.delete(pair(one, other))
    this.changed()
  }

  /** Gives the machine a new address: existing ICE sessions are dead until an ICE restart. */
  move(owner: string): void {
    this.#addresses.set(owner, this.addressOf(owner) + 1)
    this.changed()
  }

  register(connection: FakeConnection): number {
    return this.#connections.push(connection) - 1
  }
  find(number: number): FakeConnection | null {
    return this.#connections[number] ?? null
  }
  isOpen(one: string, other: string): boolean {
    return !this.#cuts.has(pair(one, other))
  }
  addressOf(owner: string): number {
    return this.#addresses.get(owner) ?? 0
  }
  changed(): void {
    for (const connection of this.connections()) connection.update()
  }
  after(delayMs: number, task: () => void): () => void {
    return this.#clock.after(delayMs, task)
  }
  later(task: () => void): void {
    this.#clock.after(Math.floor(this.#random() * this.#maxDelayMs), task)
  }
  delay(): Promise<void> {
    return new Promise((resolve) => this.later(resolve))
  }
}

const pair = (one: string, other: string): string => [one, other].sort().join(' ')
