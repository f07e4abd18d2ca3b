import type { ErrorCode, HostReason } from '@skein/protocol'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** Why a newcomer was turned away before it could say anything. */
export type RefusalReason = 'origin' | 'connections' | 'address' | 'memory' | 'draining' | 'upgrade'

/** What gauges read when somebody asks. */
export interface MetricSources {
  readonly connections: () => number
  readonly rooms: () => number
  readonly members: () => number
  readonly queuedBytes: () => number
  readonly eventLoopLagMs: () => number
}

/** The counters of one server, in a registry of its own. */
export class Metrics {
  readonly registry: Registry = new Registry()
  /** Plain numbers: a labelled counter on the hot path costs more than the relaying itself. */
  relayedSignals = 0
  relayedBytes = 0
  readonly #joins = this.#counter(
    'skein_joins_total',
    'Members welcomed, by how they came.',
    'kind',
  )
  readonly #hosts = this.#counter('skein_host_changes_total', 'Changes of host.', 'reason')
  readonly #errors = this.#counter('skein_errors_total', 'Error messages sent.', 'code')
  readonly #refused = this.#counter('skein_refused_total', 'Connections turned away.', 'reason')
  readonly #closed = this.#counter('skein_closed_total', 'Connections closed by us.', 'code')
  readonly #step = this.#histogram('skein_step_seconds', 'Time the core took for one batch.')
  readonly #store = this.#histogram('skein_store_seconds', 'Time a change of a room took.')
  readonly #storeFailures: Counter

  constructor() {
    const registers = [this.registry]
    this.#storeFailures = new Counter({
      name: 'skein_store_failures_total',
      help: 'Changes of rooms that the store did not take.',
      registers,
    })
  }

  joined(kind: 'fresh' | 'resumed'): void {
    this.#joins.inc({ kind })
  }
  hostChanged(reason: HostReason): void {
    this.#hosts.inc({ reason })
  }
  errorSent(code: ErrorCode): void {
    this.#errors.inc({ code })
  }
  refused(reason: RefusalReason): void {
    this.#refused.inc({ reason })
  }
  closed(code: number): void {
    this.#closed.inc({ code: String(code) })
  }
  stepTook(ms: number): void {
    this.#step.observe(ms / 1_000)
  }
  storeTook(ms: number): void {
    this.#store.observe(ms / 1_000)
  }
  storeFailed(): void {
    this.#storeFailures.inc()
  }

  /** Adds what is read rather than counted. */
  watch(sources: MetricSources): void {
    this.#gauge('skein_connections', 'Open connections.', sources.connections)
    this.#gauge('skein_rooms', 'Rooms this server serves.', sources.rooms)
    this.#gauge('skein_members', 'Members connected here.', sources.members)
    this.#gauge('skein_send_queue_bytes', 'Bytes waiting for slow clients.', sources.queuedBytes)
    this.#gauge('skein_event_loop_lag_seconds', 'How late the event loop is.', () =>
      seconds(sources.eventLoopLagMs()),
    )
    this.#total('skein_relayed_signals_total', 'Signals relayed.', () => this.relayedSignals)
    this.#total('skein_relayed_bytes_total', 'Bytes of signals relayed.', () => this.relayedBytes)
    this.#gauge('process_resident_memory_bytes', 'Resident memory.', () =>
      process.memoryUsage.rss(),
    )
    this.#gauge('process_heap_bytes', 'Used heap.', () => process.memoryUsage().heapUsed)
    this.#gauge('process_uptime_seconds', 'Age of the process.', () => process.uptime())
  }

  #counter(name: string, help: string, label: string): Counter {
    return new Counter({ name, help, labelNames: [label], registers: [this.registry] })
  }

  #histogram(name: string, help: string): Histogram {
    const buckets = [0.00001, 0.0001, 0.001, 0.01, 0.1, 1]
    return new Histogram({ name, help, buckets, registers: [this.registry] })
  }

  #gauge(name: string, help: string, read: () => number): void {
    const registers = [this.registry]
    const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(read()) })
  }

  #total(name: string, help: string, read: () => number): void {
    const collect = (): void => {
      counter.reset()
      counter.inc(read())
    }
    const counter: Counter = new Counter({ name, help, registers: [this.registry], collect })
  }
}

const seconds = (ms: number): number => ms / 1_000
