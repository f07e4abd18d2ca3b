import { describe, expect, test } from 'vitest'
import { MemoryStore } from './memory.ts'
import { describeStore } from './store.conformance.ts'

describe('memory store', () => {
  describeStore({ create: async (now) => ({ store: new MemoryStore({ now }), node: 'here' }) })

  test('epochs of all rooms increase while the clock stands still: it forgets rooms that ended', async () => {
    const store = new MemoryStore({ now: () => 1_000 })
    const epochFor = async (name: string): Promise<number> => {
      const change = (_: unknown, { epoch }: { readonly epoch: number }) =>
        ({ room: null, effects: [], outcome: epoch }) as const
      return (await store.update({ name, known: null, change })).outcome
    }
    const epochs = [await epochFor('a'), await epochFor('b'), await epochFor('a')]
    expect(epochs).toEqual([1_000, 1_001, 1_002])
  })
})
