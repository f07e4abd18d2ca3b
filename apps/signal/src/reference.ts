// Everything an operator can set and observe, as data for documents, dashboards and their tests.
import { LocalBus } from './backbone/bus/local.ts'
import { flagOf } from './settings/command-line.ts'
import { type Setting, settingTable } from './settings/settings.ts'
import { Metrics } from './telemetry/metrics.ts'

export { unreadyEntries } from './server/readiness.ts'
export { logLines } from './telemetry/log-lines.ts'

/** A setting of the command. */
export interface SettingEntry {
  /** The environment variable: `SKEIN_MAX_CONNECTIONS`. */
  readonly env: string
  /** The flag, without its dashes: `max-connections`. */
  readonly flag: string
  /** The default; `null` when there is none, or when it is not a single value. */
  readonly fallback: string | null
  readonly help: string
}

/** A metric of `GET /metrics`. */
export interface MetricEntry {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  /** Its only label, or `null`. */
  readonly label: string | null
  /** Every value of the label. */
  readonly values: readonly string[]
}

/** Every setting, in the order of `--help`. */
export const settingEntries = (): readonly SettingEntry[] =>
  Object.values<Setting<unknown>>(settingTable).map(({ env, fallback, help }) => ({
    env,
    flag: flagOf(env),
    fallback: fallback === null || `${fallback}` === '' ? null : `${fallback}`,
    help,
  }))

/** Every metric, in the order of `GET /metrics`. */
export const metricEntries = async (): Promise<readonly MetricEntry[]> => {
  const metrics = new Metrics()
  metrics.watch(zeroSources)
  const entries = await metrics.registry.getMetricsAsJSON()
  return entries.map(({ name, type, help, values }) => {
    const labels = values.flatMap((value) => Object.entries(value.labels))
    const [label = null] = labels.filter(([key]) => key !== 'le').map(([key]) => key)
    return {
      name,
      type: typeOf(String(type)),
      help,
      label,
      values: labels.filter(([key]) => key === label).map(([, value]) => String(value)),
    }
  })
}

const zeroSources = {
  connections: () => 0,
  rooms: () => 0,
  members: () => 0,
  queuedBytes: () => 0,
  eventLoopLagMs: () => 0,
  isDraining: () => false,
  storeRaces: () => 0,
  busTraffic: () => new LocalBus().traffic,
}

const typeOf = (type: string): MetricEntry['type'] =>
  type === 'histogram' || type === 'counter' ? type : 'gauge'
