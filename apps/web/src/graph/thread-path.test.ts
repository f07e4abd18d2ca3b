import { expect, test } from 'vitest'
import { line, pointAt, twist } from './thread-path.ts'

const disc = { radius: 20, boxes: [] }
const span = {
  from: { x: -100, y: 0 },
  to: { x: 100, y: 0 },
  centre: { x: 0, y: 0 },
  around: { from: disc, to: disc },
}

/** The points of a path. */
const pointsOf = (d: string) =>
  d
    .split(/[ML]/)
    .slice(1)
    .map((pair) => {
      const [x = Number.NaN, y = Number.NaN] = pair.split(' ').map(Number)
      return { x, y }
    })

test('a thread runs from one peer to the other, and starts and ends outside their discs', () => {
  expect(pointAt(span, 0)).toEqual(span.from)
  expect(pointAt(span, 1)).toEqual(span.to)
  const points = pointsOf(line(span))
  expect(points.at(0)?.x).toBeGreaterThanOrEqual(-80)
  expect(points.at(0)?.x).toBeLessThan(-75)
  expect(points.at(-1)?.x).toBeLessThanOrEqual(80)
  expect(points.at(-1)?.x).toBeGreaterThan(75)
})

test('a thread starts outside the crown and the label of its peer, even behind a gap', () => {
  const crown = { x: 25, y: -10, width: 20, height: 20 }
  const from = { radius: 20, boxes: [crown] }
  const points = pointsOf(line({ ...span, around: { from, to: disc } }))
  expect(points.at(0)?.x).toBeGreaterThanOrEqual(-55)
  expect(points.at(0)?.x).toBeLessThan(-50)
})

test('the two strands of a twist differ but share their ends', () => {
  const [one, two] = twist(span)
  expect(one).not.toBe(two)
  expect(one.slice(0, 8)).toBe(two.slice(0, 8))
})

test('peers that touch have no thread', () => {
  expect(line({ ...span, to: { x: -70, y: 0 } })).toBe('')
})
