import type { LinkPath } from '../api.ts'

/** Reads how the selected candidate pair carries bytes; `null` while there is none. */
export const readPath = async (connection: RTCPeerConnection): Promise<LinkPath | null> => {
  // Rejects if the connection was closed in the meantime.
  const report = await connection.getStats().catch(() => new Map())
  for (const { selectedCandidatePairId } of report.values()) {
    const pair = report.get(selectedCandidatePairId)
    const ends = [pair?.localCandidateId, pair?.remoteCandidateId]
    const isRelayed = ends.some((id) => report.get(id)?.candidateType === 'relay')
    if (pair) return isRelayed ? 'relay' : 'direct'
  }
  return null
}
