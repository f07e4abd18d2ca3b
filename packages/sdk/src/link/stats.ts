import type { LinkPath } from '../api.ts'

/** How the selected pair of candidates carries bytes; `null` while there is none. */
export const readPath = async (connection: RTCPeerConnection): Promise<LinkPath | null> => {
  const report = await connection.getStats().catch(() => null)
  // It was closed meanwhile.
  if (!report) return null
  const all = [...report.values()]
  // Where there is a transport its word counts; Firefox had none before 124.
  const transport = all.find(({ type }) => type === 'transport')
  const pair =
    report.get(transport?.selectedCandidatePairId) ??
    all.find(({ type, nominated }) => type === 'candidate-pair' && nominated)
  if (!pair) return null
  const ends = [pair.localCandidateId, pair.remoteCandidateId]
  return ends.some((id) => report.get(id)?.candidateType === 'relay') ? 'relay' : 'direct'
}
