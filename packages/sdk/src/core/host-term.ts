import type { Epoch, Term } from '@skein/protocol'

/** One reign of a host. `(epoch, term)` orders all of them. */
export interface Reign {
  readonly epoch: Epoch
  readonly term: Term
}

/** Below 0 when `one` is the older, 0 when they are the same. */
export const compareReigns = (one: Reign, other: Reign): number =>
  one.epoch - other.epoch || one.term - other.term
