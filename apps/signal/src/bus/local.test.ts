import { describe } from 'vitest'
import { describeBus } from './bus.conformance.ts'
import { LocalBus } from './local.ts'

describe('local bus', () => {
  describeBus({ create: async () => new LocalBus() })
})
