import { parser } from '@prometheus-io/lezer-promql'

/** The metrics and labels that a PromQL expression uses. */
export interface Expression {
  readonly metrics: readonly string[]
  /** The labels it selects or groups by, without those that Prometheus adds. */
  readonly labels: readonly string[]
}

/** Parses an expression, with Grafana's `$__rate_interval` filled in; throws if it is invalid. */
export function parseExpression(expression: string): Expression {
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
  return { metrics, labels: labels.filter((label) => !builtInLabels.has(label)) }
}

/** Labels that Prometheus adds to each scraped series, and `le`, which every histogram has. */
const builtInLabels = new Set(['job', 'instance', 'le'])
