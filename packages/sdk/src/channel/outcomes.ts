import type { SkeinErrorCode } from '@skein/protocol'

/** How a peer answers a message; the place in this list travels. `null`: it was handled. */
const outcomes = [null, 'not-host', 'stale-term', 'queue-full'] as const

export type Outcome = (typeof outcomes)[number]

export const outcomeNumber = (outcome: Outcome): number => outcomes.indexOf(outcome)

/** A number that is none of ours counts as a refusal. */
export const outcomeCode = (number: number): SkeinErrorCode | null => {
  const outcome = outcomes[number]
  return outcome === undefined ? 'bad-message' : outcome
}
