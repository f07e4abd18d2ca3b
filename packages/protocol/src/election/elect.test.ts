import fc from 'fast-check'
import { expect, test } from 'vitest'
import { peerId } from '../ids.ts'
import { memberOf } from '../testing/index.ts'
import { elect } from './elect.ts'

const ann = memberOf({ id: peerId('ann'), joinOrder: 0 })
const ben = memberOf({ id: peerId('ben'), joinOrder: 1 })

test('the one who joined first is elected', () => {
  expect(elect([ben, ann])).toBe('ann')
})

test('a higher priority goes before an earlier join', () => {
  expect(elect([ann, { ...ben, priority: 1 }])).toBe('ben')
})

test('ids settle what join order does not', () => {
  expect(elect([{ ...ben, joinOrder: 0 }, ann])).toBe('ann')
})

test.each([
  ['who is offline', { online: false }],
  ['who does not want to be host', { canHost: false }],
])('%s is not elected', (_, change) => {
  expect(elect([{ ...ann, ...change }, ben])).toBe('ben')
  expect(elect([{ ...ann, ...change }])).toBeNull()
})

test('nobody is elected from nobody', () => {
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

test('the order in which candidates are seen does not matter', () => {
  const shuffled = candidates.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  )
  fc.assert(fc.property(shuffled, ([list, other]) => elect(list) === elect(other)))
})

test('who is elected from all is elected from any that include it', () => {
  fc.assert(
    fc.property(candidates, fc.integer(), (list, index) => {
      const host = elect(list)
      const without = list.filter((_, i) => i !== index % 8 || list[i]?.id === host)
      return elect(without) === host
    }),
  )
})
