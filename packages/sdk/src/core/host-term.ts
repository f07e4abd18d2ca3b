import type { Epoch, Term } from '@skein/protocol'

/** One hostTerm of a host. `(epoch, term)` orders all of them. */
export interface HostTerm {
  readonly epoch: Epoch
  readonly term: Term
}

/** Below 0 when `one` is the older, 0 when they are the same. */
export const compareHostTerms = (one: HostTerm, other: HostTerm): number =>
  one.epoch - other.epoch || one.term - other.term
