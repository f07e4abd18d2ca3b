import type { PeerId } from '../ids.ts'

/** What the election looks at. */
export interface Candidate {
  readonly id: PeerId
  /** Place in the order of arrival. */
  readonly joinOrder: number
  /** 0–100; the higher is preferred. */
  readonly priority: number
  readonly canHost: boolean
  readonly online: boolean
}

/**
 * Who becomes host: of those who are online and can host the one with the highest `priority`, then
 * the lowest `joinOrder`, then the lowest `id`; `null` when there is none.
 *
 * Total and deterministic: whoever sees the same candidates, in any order, elects the same host.
 */
export const elect = (candidates: Iterable<Candidate>): PeerId | null => {
  let best: Candidate | null = null
  for (const candidate of candidates) {
    if (!isEligible(candidate)) continue
    if (best === null || precedes(candidate, best)) best = candidate
  }
  return best?.id ?? null
}

/** Whether a member could be host now. */
export const isEligible = (candidate: Pick<Candidate, 'online' | 'canHost'>): boolean =>
  candidate.online && candidate.canHost

const precedes = (a: Candidate, b: Candidate): boolean => {
  if (a.priority !== b.priority) return a.priority > b.priority
  if (a.joinOrder !== b.joinOrder) return a.joinOrder < b.joinOrder
  return a.id < b.id
}
