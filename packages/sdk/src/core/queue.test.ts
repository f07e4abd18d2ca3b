import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collectGarbage } from '../testing/collect-garbage.testing.ts'
import { Queue } from './queue.ts'

test('it behaves like an array', () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ push: fc.nat(50) }) },
      { weight: 4, arbitrary: fc.constant('shift' as const) },
      fc.record({ remove: fc.nat(50) }),
      fc.record({ prepend: fc.array(fc.nat(50), { maxLength: 3 }) }),
    ),
    { maxLength: 400 },
  )
  fc.assert(
    fc.property(steps, (all) => {
      const queue = new Queue<number>()
      const list: number[] = []
      for (const step of all) {
        expect(onQueue(queue, step)).toBe(onList(list, step))
        expect([queue.size, queue.first]).toEqual([list.length, list[0]])
      }
      expect(queue.toArray()).toEqual(list)
    }),
  )
})

test('it does not retain removed items, however short it is', async () => {
  const queue = new Queue<object>()
  const items = Array.from({ length: 10 }, () => {
    const item = {}
    queue.push(item)
    return new WeakRef(item)
  })
  for (let count = 0; count < 4; count += 1) queue.shift()
  await collectGarbage()
  expect(items.map((item) => item.deref() !== undefined)).toEqual([
    ...[false, false, false, false],
    ...[true, true, true, true, true, true],
  ])
  expect(queue.size).toBe(6)
})

type Step =
  | 'shift'
  | { readonly push: number }
  | { readonly remove: number }
  | { readonly prepend: readonly number[] }

const onQueue = (queue: Queue<number>, step: Step) => {
  if (step === 'shift') return queue.shift()
  if ('remove' in step) return queue.remove(step.remove)
  return 'push' in step ? queue.push(step.push) : queue.prepend(step.prepend)
}

const onList = (list: number[], step: Step) => {
  if (step === 'shift') return list.shift()
  if ('push' in step) {
    list.push(step.push)
    return undefined
  }
  if ('prepend' in step) {
    list.unshift(...step.prepend)
    return undefined
  }
  const index = list.indexOf(step.remove)
  if (index >= 0) list.splice(index, 1)
  return index >= 0
}
