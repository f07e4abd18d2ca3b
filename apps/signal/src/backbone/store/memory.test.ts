import { describe } from 'vitest'
import { MemoryStore } from './memory.ts'
import { describeStore } from './store.conformance.ts'

describe('memory store', () => {
  describeStore({ create: async (now) => ({ store: new MemoryStore({ now }), node: 'here' }) })
})
