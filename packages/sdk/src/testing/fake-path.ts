import type { FakeNetwork } from './fake-network.ts'
import type { FakeConnection } from './fake-peer-connection.ts'

/** Whether packets go between two connections that have exchanged descriptions. */
export const carries = (
  network: FakeNetwork,
  [one, other]: readonly [FakeConnection, FakeConnection],
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
