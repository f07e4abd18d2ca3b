import { describe } from 'vitest'
import { describeBus } from './bus.conformance.ts'
import { LocalBus } from './local.ts'

describe('local bus', () => {
  describeBus({
    create: async () => {
      const bus = new LocalBus()
      return { near: bus, far: bus, node: 'here' }
    },
  })
})
