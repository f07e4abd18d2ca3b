import { expect, test } from 'vitest'
import { rove } from './roving.ts'

test('arrow keys go to the next and the previous item, and round at both ends', () => {
  expect(rove('ArrowDown', { index: 0, count: 3 })).toBe(1)
  expect(rove('ArrowRight', { index: 2, count: 3 })).toBe(0)
  expect(rove('ArrowUp', { index: 0, count: 3 })).toBe(2)
  expect(rove('ArrowLeft', { index: 2, count: 3 })).toBe(1)
})

test('Home and End go to the first and the last item', () => {
  expect(rove('Home', { index: 2, count: 3 })).toBe(0)
  expect(rove('End', { index: 0, count: 3 })).toBe(2)
})

test('other keys, and a list without items, lead nowhere', () => {
  expect(rove('a', { index: 0, count: 3 })).toBe(null)
  expect(rove('ArrowDown', { index: 0, count: 0 })).toBe(null)
})
