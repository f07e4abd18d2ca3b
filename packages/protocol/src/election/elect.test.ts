import fc from 'fast-check'
import { expect, test } from 'vitest'
import { peerId } from '../ids.ts'
import { memberOf } from '../testing/index.ts'
import { elect } from './elect.ts'

const ann = memberOf({ id: peerId('ann'), joinOrder: 0 })
const ben = memberOf({ id: peerId('ben'), joinOrder: 1 })

test('the member that joined first is elected', () => {
  expect(elect([ben, ann])).toBe('ann')
})

test('priority counts more than join order', () => {
  expect(elect([ann, { ...ben, priority: 1 }])).toBe('ben')
})

test('the lower id wins if the join orders are equal', () => {
  expect(elect([{ ...ben, joinOrder: 0 }, ann])).toBe('ann')
})

test.each([
  ['offline', { online: false }],
  ['not willing to host', { canHost: false }],
])('a member that is %s is not elected', (_, change) => {
  expect(elect([{ ...ann, ...change }, ben])).toBe('ben')
  expect(elect([{ ...ann, ...change }])).toBeNull()
})

test('without candidates the result is null', () => {
  expect(elect([])).toBeNull()
})

const candidates = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 3 }).map(peerId),
    joinOrder: fc.nat(3),
    priority: fc.constantFrom(0, 1, 100),
    canHost: fc.boolean(),
    online: fc.boolean(),
  }),
  { selector: ({ id }) => id, maxLength: 8 },
)

test('the order of the candidates does not matter', () => {
  const shuffled = candidates.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  )
  fc.assert(fc.property(shuffled, ([list, other]) => elect(list) === elect(other)))
})

test('the winner stays the same when other candidates are removed', () => {
  fc.assert(
    fc.property(candidates, fc.integer(), (list, index) => {
      const host = elect(list)
      const without = list.filter((_, i) => i !== index % 8 || list[i]?.id === host)
      return elect(without) === host
    }),
  )
})
