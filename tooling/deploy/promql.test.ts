import { expect, test } from 'vitest'
import { asks } from './promql.ts'

test('metrics and labels of an expression are found, whatever stands around them', () => {
  const expression = `histogram_quantile(0.99, sum by (le, kind) (rate(a_bucket{job=~"$job", code!="1"}[$__rate_interval])))
    / on (reason) group_left () max(b offset 5m)`
  expect(asks(expression)).toEqual({
    metrics: ['a_bucket', 'b'],
    labels: ['kind', 'code', 'reason'],
  })
})

test('what is no expression is refused', () => {
  for (const text of ['rate(a[5m]', 'sum by (a', 'a{b=}', 'rate(a[soon])']) {
    expect(() => asks(text)).toThrow('not PromQL')
  }
})
