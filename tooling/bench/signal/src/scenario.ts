import type { Scenario as AnyScenario } from '@skein/bench-rounds'
import type { Name } from './contestants.ts'
import type { Stage } from './stage.ts'

export type { Figures } from '@skein/bench-rounds'

/** A measurement of a server. */
export type Scenario = AnyScenario<Name, Stage>
