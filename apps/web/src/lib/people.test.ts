import { expect, test } from 'vitest'
import { isDye } from './dyes.ts'
import { peopleIn } from './people.ts'
import type { Peer, RoomView } from './room.svelte.ts'

const peer = (name: string, joinOrder: number, presence: Peer['presence'] = { name }): Peer => ({
  id: `id of ${joinOrder}` as Peer['id'],
  joinOrder,
  presence,
  canHost: true,
  priority: 0,
  online: true,
  link: null,
})

const view = (self: Peer, others: readonly Peer[]): RoomView => ({
  self,
  others,
  host: self.id,
  term: 1,
  epoch: 1,
  status: 'connected',
})

test('people are listed in join order, including the visitor, with the host marked', () => {
  const me = peer('Ben', 2)
  const people = peopleIn(view(me, [peer('Ann', 1), peer('Cleo', 3)]))
  expect(people.map(({ name }) => name)).toEqual(['Ann', 'Ben', 'Cleo'])
  expect(people.map(({ isSelf }) => isSelf)).toEqual([false, true, false])
  expect(people.map(({ isHost }) => isHost)).toEqual([false, true, false])
})

test('duplicate names are numbered and the earliest member keeps the plain name', () => {
  const people = peopleIn(view(peer('Ann', 3), [peer('Ann', 1), peer('Ann', 2)]))
  expect(people.map(({ name }) => name)).toEqual(['Ann', 'Ann 2', 'Ann 3'])
})

test('a peer without a valid presence still gets a name and a colour', () => {
  const invalid = peer('', 2, { name: 7, colour: 'url(x)' })
  for (const person of peopleIn(view(peer('', 1, null), [invalid]))) {
    expect(person.name).toMatch(/^Anonymous goose/)
    expect(isDye(person.colour)).toBe(true)
  }
})
