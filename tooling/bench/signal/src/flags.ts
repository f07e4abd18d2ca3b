import { type Flags as AnyFlags, readFlags as read } from '@skein/bench-rounds'
import { type Name, names } from './contestants.ts'
import type { Scenario } from './scenario.ts'
import { scenarios } from './scenarios/all.ts'

export type Flags = AnyFlags<Name, Scenario>

/** @throws FlagError with a one-sentence message. */
export const readFlags = (args: readonly string[]): Flags =>
  read(args, { scenarios, names, rounds: 10 })
