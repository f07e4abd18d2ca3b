import type { ErrorCode } from '@skein/protocol'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { BackboneMetrics, type BackboneSources } from './backbone-metrics.ts'
import type { HostChanges } from './host-changes.ts'
import {
  closingCodes,
  errorCodes,
  hostReasons,
  type JoinKind,
  joinKinds,
  type RejectionReason,
  rejectionReasons,
} from './metric-labels.ts'

export type { RejectionReason } from './metric-labels.ts'

/** The values that are read when metrics are scraped. */
export interface MetricSources extends BackboneSources {
  readonly connections: () => number
  readonly rooms: () => number
  readonly members: () => number
  readonly queuedBytes: () => number
  readonly eventLoopLagMs: () => number
  readonly isDraining: () => boolean
}

/** The metrics of one server, in their own registry. */
export class Metrics {
  readonly registry: Registry = new Registry()
  /** Plain numbers: on the hot path, a labelled counter costs more than the relay itself. */
  relayedSignals = 0
  relayedBytes = 0
  readonly shared: BackboneMetrics = new BackboneMetrics(this.registry)
  readonly #joins = this.#counter({
    name: 'skein_joins_total',
    help: 'Joins, by kind.',
    label: 'kind',
    values: joinKinds,
  })
  readonly #hosts = this.#counter({
    name: 'skein_host_changes_total',
    help: 'Host changes, by reason.',
    label: 'reason',
    values: hostReasons,
  })
  readonly #errors = this.#counter({
    name: 'skein_errors_total',
    help: 'Error messages sent, by code.',
    label: 'code',
    values: errorCodes,
  })
  readonly #rejected = this.#counter({
    name: 'skein_refused_total',
    help: 'Connections rejected before they could join, by reason.',
    label: 'reason',
    values: rejectionReasons,
  })
  readonly #closed = this.#counter({
    name: 'skein_closed_total',
    help: 'Connections closed by the server, by close code.',
    label: 'code',
    values: closingCodes,
  })
  readonly #step = this.#histogram(
    'skein_step_seconds',
    'Time to process one batch of inputs of a room.',
  )
  readonly #store = this.#histogram('skein_store_seconds', 'Time to commit a room change.')
  readonly #storeFailures = new Counter({
    name: 'skein_store_failures_total',
    help: 'Room changes that could not be stored.',
    registers: [this.registry],
  })

  joined(kind: JoinKind): void {
    this.#joins.inc({ kind })
  }
  errorSent(code: ErrorCode): void {
    this.#errors.inc({ code })
  }
  rejected(reason: RejectionReason): void {
    this.#rejected.inc({ reason })
  }
  closed(code: number): void {
    this.#closed.inc({ code: String(code) })
  }
  stepTook(ms: number): void {
    this.#step.observe(ms / 1_000)
  }
  committed(ms: number, { hostChanges }: HostChanges): void {
    this.#store.observe(ms / 1_000)
    for (const reason of hostChanges) this.#hosts.inc({ reason })
  }
  storeFailed(): void {
    this.#storeFailures.inc()
  }

  /** Adds the metrics whose values are read on each scrape. */
  watch(sources: MetricSources): void {
    this.#gauge('skein_connections', 'Open connections.', sources.connections)
    this.#gauge('skein_rooms', 'Rooms with members on this server.', sources.rooms)
    this.#gauge('skein_members', 'Members connected to this server.', sources.members)
    this.#gauge('skein_draining', '1 while the server is draining, otherwise 0.', () =>
      Number(sources.isDraining()),
    )
    this.#gauge('skein_send_queue_bytes', 'Bytes queued for slow clients.', sources.queuedBytes)
    this.#gauge(
      'skein_event_loop_lag_seconds',
      'Maximum event loop lag in the last seconds.',
      () => sources.eventLoopLagMs() / 1_000,
    )
    this.#total('skein_relayed_signals_total', 'Signals relayed.', () => this.relayedSignals)
    this.#total('skein_relayed_bytes_total', 'Bytes of signals relayed.', () => this.relayedBytes)
    this.shared.watch(sources)
    this.#watchProcess()
  }

  /** Uses the names of the official Prometheus clients. */
  #watchProcess(): void {
    this.#gauge('process_resident_memory_bytes', 'Resident memory in bytes.', () =>
      process.memoryUsage.rss(),
    )
    this.#gauge(
      'nodejs_heap_size_used_bytes',
      'Used heap in bytes.',
      () => process.memoryUsage().heapUsed,
    )
    this.#gauge(
      'process_start_time_seconds',
      'Start time of the process, as Unix time in seconds.',
      startedAt,
    )
    this.#total('process_cpu_seconds_total', 'CPU time used, in seconds.', () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1_000_000
    })
  }

  #counter({ name, help, label, values }: LabelledCounter): Counter {
    const counter = new Counter({ name, help, labelNames: [label], registers: [this.registry] })
    for (const value of values) counter.inc({ [label]: value }, 0)
    return counter
  }

  #histogram(name: string, help: string): Histogram {
    const buckets = [0.00001, 0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1]
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

interface LabelledCounter {
  readonly name: string
  readonly help: string
  readonly label: string
  readonly values: readonly string[]
}

/** Unix time in seconds. */
const startedAt = (): number => performance.timeOrigin / 1_000
