import { expect, test } from 'vitest'
import { line, pointAt, twist } from './thread-path.ts'

const span = { from: { x: -100, y: 0 }, to: { x: 100, y: 0 }, centre: { x: 0, y: 0 }, gap: 20 }

test('a thread starts and ends at its peers, minus the gap', () => {
  expect(pointAt(span, 0)).toEqual(span.from)
  expect(pointAt(span, 1)).toEqual(span.to)
  expect(line(span)).toMatch(/^M-80\.0 0\.0/)
  expect(line(span)).toMatch(/L80\.0 0\.0$/)
})

test('the two strands of a twist differ but share their ends', () => {
  const [one, two] = twist(span)
  expect(one).not.toBe(two)
  expect(one.slice(0, 8)).toBe(two.slice(0, 8))
})

test('peers that touch have no thread', () => {
  expect(line({ ...span, to: { x: -70, y: 0 } })).toBe('')
})
