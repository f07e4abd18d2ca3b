import { expect, test } from 'vitest'
import { parseExpression } from './promql.ts'

test('all metrics and labels of an expression are found', () => {
  const expression = `histogram_quantile(0.99, sum by (le, kind) (rate(a_bucket{job=~"$job", code!="1"}[$__rate_interval])))
    / on (reason) group_left () max(b offset 5m)`
  expect(parseExpression(expression)).toEqual({
    metrics: ['a_bucket', 'b'],
    labels: ['kind', 'code', 'reason'],
  })
})

test('an invalid expression throws an error', () => {
  for (const text of ['rate(a[5m]', 'sum by (a', 'a{b=}', 'rate(a[soon])']) {
    expect(() => parseExpression(text)).toThrow('not PromQL')
  }
})
