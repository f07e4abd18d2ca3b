import type { FakeSdp } from './fake-sdp.ts'

/** What decides whether packets get through, of one connection. */
export interface PathEnd {
  readonly owner: string
  readonly sessions: readonly { readonly local: FakeSdp; readonly remote: FakeSdp }[]
  readonly hasCandidate: (sdp: FakeSdp) => boolean
}

/** What decides whether packets get through, of the network. */
export interface PathNetwork {
  readonly isOpen: (one: string, other: string) => boolean
  readonly addressOf: (owner: string) => number
}

/** Whether packets go between two connections that have exchanged descriptions. */
export const carries = (
  network: PathNetwork,
  [one, other]: readonly [PathEnd, PathEnd],
): boolean => {
  if (!network.isOpen(one.owner, other.owner)) return false
  // While an ICE restart is half done, the session before it still carries.
  return one.sessions.some(({ local, remote }) => {
    const isShared = other.sessions.some(
      (theirs) => theirs.local.ufrag === remote.ufrag && theirs.remote.ufrag === local.ufrag,
    )
    const isFresh =
      local.address === network.addressOf(one.owner) &&
      remote.address === network.addressOf(other.owner)
    // One side's candidates are enough: the other learns its address from the first packet.
    return isShared && isFresh && (one.hasCandidate(remote) || other.hasCandidate(local))
  })
}

/** The little of `getStats` that tells the path. */
export const fakeStats = (candidateType: 'host' | 'relay'): Map<string, object> =>
  new Map<string, object>([
    ['transport', { type: 'transport', selectedCandidatePairId: 'pair' }],
    ['pair', { type: 'candidate-pair', localCandidateId: 'local', remoteCandidateId: 'remote' }],
    ['local', { type: 'local-candidate', candidateType }],
    ['remote', { type: 'remote-candidate', candidateType }],
  ])
