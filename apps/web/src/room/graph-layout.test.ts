import { expect, test } from 'vitest'
import { between, layOut, letterScale } from './graph-layout.ts'

const ids = ['a', 'b', 'c', 'd', 'e']

test('everyone has a place of their own, and I am at the bottom', () => {
  const layout = layOut(ids, 'c')
  const places = new Set(Object.values(layout).map(({ x, y }) => `${x.toFixed(3)} ${y.toFixed(3)}`))
  expect(places.size).toBe(ids.length)
  const lowest = ids.toSorted((a, b) => (layout[b]?.y ?? 0) - (layout[a]?.y ?? 0))[0]
  expect(lowest).toBe('c')
})

test('alone, I am in the middle', () => {
  expect(layOut(['a'], 'a').a?.x).toBe(0)
})

test('a move ends where the new layout says, and a newcomer stands there at once', () => {
  const to = layOut(['a', 'b', 'c'], 'a')
  const move = between(layOut(['a', 'b'], 'a'), to)
  expect(move(1)).toEqual(to)
  expect(move(0).c).toEqual(to.c)
})

test('letters stay readable in a small picture', () => {
  expect(letterScale({ width: 280, height: 250 })).toBe(1.75)
  expect(letterScale({ width: 0, height: 0 })).toBe(1)
})
