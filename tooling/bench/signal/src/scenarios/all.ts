import type { Scenario } from '../scenario.ts'
import { fanOut } from './fan-out.ts'
import { heartbeats } from './heartbeats.ts'
import { latency } from './latency.ts'
import { memory } from './memory.ts'
import { redis } from './redis.ts'
import { relay } from './relay.ts'
import { soak } from './soak.ts'
import { storm } from './storm.ts'

/** In the order in which they run. */
export const scenarios: readonly Scenario[] = [
  relay,
  latency,
  storm,
  ...fanOut,
  ...memory,
  heartbeats,
  ...redis,
  soak,
]
