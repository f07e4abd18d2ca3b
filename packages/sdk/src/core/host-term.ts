import type { Epoch, Term } from '@skein/protocol'

/** The period in which one peer is host. `(epoch, term)` orders host terms. */
export interface HostTerm {
  readonly epoch: Epoch
  readonly term: Term
}

/** Negative if `one` is older, 0 if they are equal, positive if `one` is newer. */
export const compareHostTerms = (one: HostTerm, other: HostTerm): number =>
  one.epoch - other.epoch || one.term - other.term
