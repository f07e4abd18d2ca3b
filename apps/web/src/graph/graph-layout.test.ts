import { expect, test } from 'vitest'
import { between, layOut, letterScale } from './graph-layout.ts'

const ids = ['a', 'b', 'c', 'd', 'e']

test('every peer has its own place, with the own peer at the bottom', () => {
  const layout = layOut(ids, 'c')
  const places = new Set(Object.values(layout).map(({ x, y }) => `${x.toFixed(3)} ${y.toFixed(3)}`))
  expect(places.size).toBe(ids.length)
  const lowest = ids.toSorted((a, b) => (layout[b]?.y ?? 0) - (layout[a]?.y ?? 0))[0]
  expect(lowest).toBe('c')
})

test('a peer alone in the room is in the middle', () => {
  expect(layOut(['a'], 'a').a?.x).toBe(0)
})

test('a transition ends at the new layout, and a new peer starts at its final place', () => {
  const to = layOut(['a', 'b', 'c'], 'a')
  const transition = between(layOut(['a', 'b'], 'a'), to)
  expect(transition(1)).toEqual(to)
  expect(transition(0).c).toEqual(to.c)
})

test('text stays readable in a small graph', () => {
  expect(letterScale({ width: 280, height: 250 })).toBe(1.75)
  expect(letterScale({ width: 0, height: 0 })).toBe(1)
})
