import type { Scenario as AnyScenario } from '@skein/bench-rounds'
import type { Name } from '../page/contestants/all.ts'
import type { Stage } from './pair.ts'

export type { Figures, Place } from '@skein/bench-rounds'

/** A measurement between two pages. */
export type Scenario = AnyScenario<Name, Stage>
