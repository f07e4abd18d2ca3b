import { expect, test } from 'vitest'
import { RoomIndex } from './room-index.ts'

test('a connection is found in the room that it entered last, and rooms without any are forgotten', () => {
  const index = new RoomIndex<string>()
  index.move('a', null, 'blue')
  index.move('b', null, 'blue')
  index.move('c', null, 'green')
  index.move('a', 'blue', 'green')
  expect([...index.in('blue')]).toEqual(['b'])
  expect([...index.in('green')]).toEqual(['c', 'a'])
  expect([...index.in('red')]).toEqual([])
  index.move('b', 'blue', null)
  expect(index.size).toBe(1)
})
