import type { Scenario } from '../scenario.ts'
import { bulk } from './bulk.ts'
import { burst } from './burst.ts'
import { far } from './far.ts'
import { memory } from './memory.ts'
import { mesh } from './mesh.ts'
import { opening } from './opening.ts'
import { roundTrips } from './round-trips.ts'
import { single } from './single.ts'

/** In the order in which they run. */
export const scenarios: readonly Scenario[] = [
  ...bulk,
  ...burst,
  ...roundTrips,
  ...opening,
  ...mesh,
  ...memory,
  ...single,
  ...far,
]
