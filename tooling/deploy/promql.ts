import { parser } from '@prometheus-io/lezer-promql'

/** What a PromQL expression asks for. */
export interface Asked {
  readonly metrics: readonly string[]
  /** The labels it chooses or groups by, without those that Prometheus adds. */
  readonly labels: readonly string[]
}

/** Reads an expression; throws when it is none. Variables of Grafana count as what they stand for. */
export function asks(expression: string): Asked {
  const text = expression.replaceAll('$__rate_interval', '5m')
  const metrics: string[] = []
  const labels: string[] = []
  parser.parse(text).iterate({
    enter: ({ type, name, from, to, node }) => {
      if (type.isError) throw new Error(`not PromQL at ${from}: ${text}`)
      const parent = node.parent?.name
      if (name === 'Identifier' && parent === 'VectorSelector') metrics.push(text.slice(from, to))
      if (name === 'LabelName') labels.push(text.slice(from, to))
    },
  })
  return { metrics, labels: labels.filter((label) => !added.has(label)) }
}

/** Labels of every series that was scraped, and the one that histograms have by their nature. */
const added = new Set(['job', 'instance', 'le'])
