/** When each connection of this page was made. */
export const madeAt: number[] = []

const live = new Set<WatchedConnection>()

export class WatchedConnection extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    madeAt.push(Date.now())
    live.add(this)
  }

  override close(): void {
    super.close()
    live.delete(this)
  }
}

/** Closes the connections that carry data, as if the browser had given them up. */
export function breakConnections(): void {
  for (const connection of live) {
    if (connection.connectionState === 'connected')
      RTCPeerConnection.prototype.close.call(connection)
  }
}

/** The path of the connection that has most lately received data: of use in a room of two alone. */
export async function readActualPath(): Promise<'direct' | 'relay' | null> {
  const connected = [...live].filter(({ connectionState }) => connectionState === 'connected')
  const pairs = await Promise.all(connected.map(readSelectedPair))
  const newest = pairs
    .filter((pair) => pair !== null)
    .toSorted((one, other) => other.receivedAt - one.receivedAt)[0]
  return newest?.path ?? null
}

interface SelectedPair {
  readonly path: 'direct' | 'relay'
  readonly receivedAt: number
}

type Stats = Readonly<Record<string, unknown>>

async function readSelectedPair(connection: RTCPeerConnection): Promise<SelectedPair | null> {
  const stats = new Map<unknown, Stats>()
  for (const [id, one] of await connection.getStats()) stats.set(id, one)
  const all = [...stats.values()]
  const selected = all.find(({ type }) => type === 'transport')?.selectedCandidatePairId
  // Firefox has no transport in its stats, and marks the pair instead.
  const pair =
    stats.get(selected) ?? all.find((one) => one.type === 'candidate-pair' && one.selected)
  if (!pair) return null
  const types = [pair.localCandidateId, pair.remoteCandidateId].map(
    (id) => stats.get(id)?.candidateType,
  )
  return {
    path: types.includes('relay') ? 'relay' : 'direct',
    receivedAt: Number(pair.lastPacketReceivedTimestamp ?? 0),
  }
}
