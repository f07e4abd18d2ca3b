import type { LinkPath } from '../api.ts'

/** How the selected pair of candidates carries bytes; `null` while there is none. */
export const readPath = async (connection: RTCPeerConnection): Promise<LinkPath | null> => {
  const report = await connection.getStats().catch(() => null)
  // It was closed meanwhile.
  if (!report) return null
  let pair: { localCandidateId: string; remoteCandidateId: string } | null = null
  for (const stats of report.values()) {
    // Where there is a transport its word counts; Firefox had none before 124.
    if (stats.type === 'transport') pair = report.get(stats.selectedCandidatePairId) ?? pair
    else if (stats.type === 'candidate-pair' && stats.nominated) pair ??= stats
  }
  if (!pair) return null
  const isRelay = [pair.localCandidateId, pair.remoteCandidateId].some(
    (id) => report.get(id)?.candidateType === 'relay',
  )
  return isRelay ? 'relay' : 'direct'
}
