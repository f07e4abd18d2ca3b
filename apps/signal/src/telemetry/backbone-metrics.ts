import { Counter, type Registry } from 'prom-client'

/** What has passed between this node and the others since it started; its own probes count too. */
export interface BusTraffic {
  readonly sent: number
  readonly sentBytes: number
  readonly received: number
  /** Those of `sent` that went once more because no answer came. */
  readonly resent: number
}

/** What counters of a server read that shares its rooms with others. */
export interface BackboneSources {
  readonly storeRaces: () => number
  readonly busTraffic: () => BusTraffic
}

/** What a server that shares its rooms with others counts besides; all zero for one that does not. */
export class BackboneMetrics {
  readonly #registry: Registry
  readonly #nodesLost: Counter
  readonly #evicted: Counter

  constructor(registry: Registry) {
    this.#registry = registry
    this.#nodesLost = this.#counter('skein_nodes_lost_total', 'Other servers found dead.')
    this.#evicted = this.#counter(
      'skein_fenced_total',
      'Times the other servers took this one for dead.',
    )
  }

  nodeLost(): void {
    this.#nodesLost.inc()
  }
  evicted(): void {
    this.#evicted.inc()
  }

  /** Adds what is counted where it happens. */
  watch({ storeRaces, busTraffic }: BackboneSources): void {
    this.#read({
      name: 'skein_store_races_total',
      help: 'Changes of rooms made again because another server was faster.',
      read: storeRaces,
    })
    this.#read({
      name: 'skein_bus_sent_total',
      help: 'Messages sent to other servers, each with all signals of one turn.',
      read: () => busTraffic().sent,
    })
    this.#read({
      name: 'skein_bus_sent_bytes_total',
      help: 'Bytes of messages sent to other servers.',
      read: () => busTraffic().sentBytes,
    })
    this.#read({
      name: 'skein_bus_received_total',
      help: 'Messages received from other servers.',
      read: () => busTraffic().received,
    })
    this.#read({
      name: 'skein_bus_resent_total',
      help: 'Messages sent again because no answer came.',
      read: () => busTraffic().resent,
    })
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.#registry] })
  }

  #read({ name, help, read }: { name: string; help: string; read: () => number }): void {
    const collect = (): void => {
      counter.reset()
      counter.inc(read())
    }
    const counter: Counter = new Counter({ name, help, registers: [this.#registry], collect })
  }
}
