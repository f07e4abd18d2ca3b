import { type Detour, rewriteCandidate, rewriteDescription } from './detour.ts'

/**
 * Every RTCPeerConnection of this page. This module is imported before any contestant, so that all
 * of them get this class.
 */
const made: RTCPeerConnection[] = []

let detour: Detour | null = null

/** From now on, the other side is reached only through the proxy ports that `through` names. */
export const setDetour = (through: Detour): void => {
  detour = through
}

class SeenConnection extends RTCPeerConnection {
  /** Getting a proxy port is asynchronous, and these calls must keep their order. */
  #latest: Promise<unknown> = Promise.resolve()

  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    made.push(this)
  }

  override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    const through = detour
    if (!through) return super.setRemoteDescription(description)
    return this.#inOrder(async () => {
      await super.setRemoteDescription(await rewriteDescription(description, through))
    })
  }

  override addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
    const through = detour
    if (!through || !candidate?.candidate) return super.addIceCandidate(candidate ?? undefined)
    const line = candidate.candidate
    return this.#inOrder(async () => {
      const rewritten = await rewriteCandidate(line, through)
      if (rewritten !== null)
        await super.addIceCandidate({
          candidate: rewritten,
          sdpMid: candidate.sdpMid ?? null,
          sdpMLineIndex: candidate.sdpMLineIndex ?? null,
        })
    })
  }

  #inOrder(step: () => Promise<void>): Promise<void> {
    const done = this.#latest.then(step, step)
    this.#latest = done
    return done
  }
}

globalThis.RTCPeerConnection = SeenConnection

/** Forgets the connections created so far. */
export const forgetConnections = (): void => {
  made.length = 0
}

/** Packets that the browser discarded instead of sending, over all connections. */
export const discardedPackets = async (): Promise<number> => {
  let discarded = 0
  for (const connection of made) {
    for (const entry of (await connection.getStats()).values()) {
      if (entry.type === 'candidate-pair') discarded += entry.packetsDiscardedOnSend ?? 0
    }
  }
  return discarded
}
