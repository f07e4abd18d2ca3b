import type { PeerId } from '../ids.ts'

/** What the election needs to know of a member. */
export interface Candidate {
  readonly id: PeerId
  /** Position in the order of joining. */
  readonly joinOrder: number
  /** 0–100; higher is preferred. */
  readonly priority: number
  readonly canHost: boolean
  readonly online: boolean
}

/**
 * Elects the host: of the candidates that are online and have `canHost`, the one with the highest
 * `priority`, then the lowest `joinOrder`, then the lowest `id`; `null` when there is none.
 *
 * Total and deterministic: the same candidates, in any order, give the same host.
 */
export const elect = (candidates: Iterable<Candidate>): PeerId | null => {
  let best: Candidate | null = null
  for (const candidate of candidates) {
    if (!isEligible(candidate)) continue
    if (best === null || precedes(candidate, best)) best = candidate
  }
  return best?.id ?? null
}

/** Whether a member can be host now. */
export const isEligible = (candidate: Pick<Candidate, 'online' | 'canHost'>): boolean =>
  candidate.online && candidate.canHost

const precedes = (a: Candidate, b: Candidate): boolean => {
  if (a.priority !== b.priority) return a.priority > b.priority
  if (a.joinOrder !== b.joinOrder) return a.joinOrder < b.joinOrder
  return a.id < b.id
}
