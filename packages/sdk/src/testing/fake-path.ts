import type { FakeSdp } from './fake-sdp.ts'

/** The state of one connection that decides whether packets get through. */
export interface PathEnd {
  readonly owner: string
  readonly sessions: readonly { readonly local: FakeSdp; readonly remote: FakeSdp }[]
  readonly hasCandidate: (sdp: FakeSdp) => boolean
}

/** The state of the network that decides whether packets get through. */
export interface PathNetwork {
  readonly isOpen: (one: string, other: string) => boolean
  readonly addressOf: (owner: string) => number
}

/** Whether packets get through between two connections that have exchanged descriptions. */
export const isReachable = (
  network: PathNetwork,
  [one, other]: readonly [PathEnd, PathEnd],
): boolean => {
  if (!network.isOpen(one.owner, other.owner)) return false
  // During an ICE restart the previous session still works.
  return one.sessions.some(({ local, remote }) => {
    const isPaired = other.sessions.some(
      (theirs) => theirs.local.ufrag === remote.ufrag && theirs.remote.ufrag === local.ufrag,
    )
    const isFresh =
      local.address === network.addressOf(one.owner) &&
      remote.address === network.addressOf(other.owner)
    // One side's candidates are enough: the other side learns the address from the first packet.
    return isPaired && isFresh && (one.hasCandidate(remote) || other.hasCandidate(local))
  })
}

/** The part of `getStats` that describes the path. */
export const fakeStats = (candidateType: 'host' | 'relay'): Map<string, object> =>
  new Map<string, object>([
    ['transport', { type: 'transport', selectedCandidatePairId: 'pair' }],
    ['pair', { type: 'candidate-pair', localCandidateId: 'local', remoteCandidateId: 'remote' }],
    ['local', { type: 'local-candidate', candidateType }],
    ['remote', { type: 'remote-candidate', candidateType }],
  ])
