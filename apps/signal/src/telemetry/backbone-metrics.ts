import { Counter, type Registry } from 'prom-client'

/** Traffic between this node and the others since it started, including its own probes. */
export interface BusTraffic {
  readonly sent: number
  readonly sentBytes: number
  readonly received: number
  /** How many of `sent` were retransmissions. */
  readonly resent: number
}

/** The values that are read when metrics are scraped. */
export interface BackboneSources {
  readonly storeRaces: () => number
  readonly busTraffic: () => BusTraffic
}

/** Metrics about the store and the other nodes; all zero for a single server. */
export class BackboneMetrics {
  readonly #registry: Registry
  readonly #nodesLost: Counter
  readonly #evicted: Counter

  constructor(registry: Registry) {
    this.#registry = registry
    this.#nodesLost = this.#counter('skein_nodes_lost_total', 'Other servers declared dead.')
    this.#evicted = this.#counter(
      'skein_fenced_total',
      'Times the other servers declared this one dead.',
    )
  }

  nodeLost(): void {
    this.#nodesLost.inc()
  }
  evicted(): void {
    this.#evicted.inc()
  }

  /** Adds the metrics whose values are read on each scrape. */
  watch({ storeRaces, busTraffic }: BackboneSources): void {
    this.#read({
      name: 'skein_store_races_total',
      help: 'Room changes retried because another server committed first.',
      read: storeRaces,
    })
    this.#read({
      name: 'skein_bus_sent_total',
      help: 'Messages sent to other servers; each carries a batch of signals.',
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
      help: 'Messages retransmitted for lack of an acknowledgement.',
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
