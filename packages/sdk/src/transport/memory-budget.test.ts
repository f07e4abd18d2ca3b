import { expect, test } from 'vitest'
import { MemoryBudget } from './memory-budget.ts'

const setUp = (limit: number) => {
  const budget = new MemoryBudget(limit)
  const evicted: string[] = []
  const open = (name: string) => budget.open(() => evicted.push(name))
  return { budget, evicted, open }
}

test('beyond the limit the peer that holds most is evicted, not the one that was last', async () => {
  const { budget, evicted, open } = setUp(100)
  const [ann, ben] = [open('ann'), open('ben')]
  budget.hold(ann, 60)
  budget.hold(ben, 40)
  await Promise.resolve()
  expect(evicted).toEqual([])
  budget.hold(ben, 1)
  await Promise.resolve()
  expect(evicted).toEqual(['ann'])
})

test('what was freed, and what an evicted peer or one that has left still holds, does not count', async () => {
  const { budget, evicted, open } = setUp(100)
  const [ann, ben, cid] = [open('ann'), open('ben'), open('cid')]
  budget.hold(ann, 90)
  budget.hold(ben, 20)
  budget.hold(ann, 5)
  budget.hold(ann, -50)
  budget.hold(cid, 70)
  budget.close(cid)
  budget.hold(ben, 70)
  budget.hold(ben, -80)
  budget.hold(ben, 90)
  await Promise.resolve()
  expect(evicted).toEqual(['ann'])
})

test('a single peer that holds too much is evicted once', async () => {
  const { budget, evicted, open } = setUp(100)
  const ann = open('ann')
  budget.hold(ann, 101)
  budget.hold(ann, 101)
  await Promise.resolve()
  expect(evicted).toEqual(['ann'])
})
