import { type Flags as AnyFlags, readFlags as read } from '@skein/bench-rounds'
import { contestants, type Name } from '../page/contestants/all.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios/all.ts'

export type Flags = AnyFlags<Name, Scenario>

const names = Object.keys(contestants).filter((name): name is Name => name in contestants)

/** @throws FlagError with a one-sentence message. */
export const readFlags = (args: readonly string[]): Flags =>
  read(args, { scenarios, names, rounds: 7 })
