/**
 * Every RTCPeerConnection of this page, whoever made it. Imported before any contestant, so that
 * all of them get this class.
 */
const made: RTCPeerConnection[] = []

class SeenConnection extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    made.push(this)
  }
}

globalThis.RTCPeerConnection = SeenConnection

/** Forgets those that were made so far. */
export const forgetConnections = (): void => {
  made.length = 0
}

/** Packets that the browser threw away instead of sending, on all of them together. */
export const discardedPackets = async (): Promise<number> => {
  let discarded = 0
  for (const connection of made) {
    for (const entry of (await connection.getStats()).values()) {
      if (entry.type === 'candidate-pair') discarded += entry.packetsDiscardedOnSend ?? 0
    }
  }
  return discarded
}
