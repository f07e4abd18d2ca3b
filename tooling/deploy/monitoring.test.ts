import { type MetricEntry, metricEntries } from '@skein/signal/reference'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseExpression } from './promql.ts'
import { read } from './repository.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: {
    readonly h: number
    readonly w: number
    readonly x: number
    readonly y: number
  }
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[]
}
interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly schemaVersion: number
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string }[] }
}
interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string
      readonly expr: string
      readonly annotations: { readonly summary: string }
    }[]
  }[]
}

const dashboard: Dashboard = JSON.parse(read('deploy/grafana/skein.json'))
const { groups }: Rules = parse(read('deploy/prometheus/skein.rules.yaml'))
const alerts = groups.flatMap(({ rules }) => rules)
const graphs = dashboard.panels.filter(({ type }) => type !== 'row')
const targets = graphs.flatMap(({ title, targets: own = [] }) =>
  own.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
)
const known = await metricEntries()

/** Prometheus itself records whether each scrape succeeded. */
const scrapeMetric = 'up'

const seriesOf = ({ name, type }: MetricEntry): readonly string[] =>
  type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name]

const entryOf = (series: string): MetricEntry | undefined =>
  known.find((entry) => seriesOf(entry).includes(series))

/** The metrics and labels of an expression that the server does not have. */
const unknownIn = (expr: string): readonly string[] => {
  const { metrics, labels } = parseExpression(expr)
  const own = metrics.filter((name) => name !== scrapeMetric)
  const ownLabels = own.map((name) => entryOf(name)?.label)
  return [
    ...own.filter((name) => entryOf(name) === undefined),
    ...labels.filter((label) => !ownLabels.includes(label)),
  ]
}

test.for(targets)('the metrics and labels in the query of $title exist: $expr', ({ expr }) => {
  expect(parseExpression(expr).metrics).not.toEqual([])
  expect(unknownIn(expr)).toEqual([])
})

test.for(alerts)('the metrics and labels of the alert $alert exist', ({ expr, annotations }) => {
  expect(parseExpression(expr).metrics).not.toEqual([])
  expect(unknownIn(expr)).toEqual([])
  expect(annotations.summary).not.toBe('')
})

test('an unknown metric, an unknown label and a histogram without suffix are detected', () => {
  expect(unknownIn('skein_connection')).toEqual(['skein_connection'])
  expect(unknownIn('sum by (reason) (skein_connections)')).toEqual(['reason'])
  expect(unknownIn('rate(skein_step_seconds[5m])')).toEqual(['skein_step_seconds'])
})

test('the label values that queries select exist', () => {
  const exprs = [...targets, ...alerts].map(({ expr }) => expr)
  const selected = exprs.flatMap((expr) =>
    [...expr.matchAll(/(\w+)\{(reason|code|kind)=~?"([^"]+)"/g)].flatMap(
      ([, name = '', , values = '']) => values.split('|').map((value) => ({ name, value })),
    ),
  )
  expect(selected.length).toBeGreaterThan(0)
  expect(selected.filter(({ name, value }) => !entryOf(name)?.values.includes(value))).toEqual([])
})

test('every metric of the server is on the dashboard', () => {
  const shown = new Set(targets.flatMap(({ expr }) => parseExpression(expr).metrics))
  const missing = known.filter((entry) => !seriesOf(entry).some((name) => shown.has(name)))
  expect(missing.map(({ name }) => name)).toEqual([])
})

test('the dashboard has a row for each topic', () => {
  const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title)
  expect(rows).toEqual(['Load', 'Health', 'Members and hosts', 'Abuse', 'Store'])
})

test('the dashboard is valid: ids are unique, panels do not overlap, variables exist', () => {
  expect(dashboard.uid).toMatch(/^[\w-]{1,40}$/)
  expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36)
  const ids = dashboard.panels.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  const names = dashboard.templating.list.map(({ name }) => name)
  const used = read('deploy/grafana/skein.json').matchAll(/\$\{?(?!__)(\w+)/g)
  expect([...used].map(([, name = '']) => name).filter((name) => !names.includes(name))).toEqual([])
  const cells = dashboard.panels.flatMap(({ gridPos: { h, w, x, y } }) =>
    Array.from({ length: h * w }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
  expect(dashboard.panels.filter(({ gridPos: { w, x } }) => x + w > 24)).toEqual([])
})

test('a legend names only labels that its query keeps', () => {
  const lost = targets.filter(({ expr, legendFormat }) => {
    const shown = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name)
    const kept = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(', ')
    return kept !== undefined && shown.some((name) => !kept.includes(name))
  })
  expect(lost).toEqual([])
})
