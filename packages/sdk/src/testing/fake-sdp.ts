/** The content of a fake description: JSON instead of SDP. */
export interface FakeSdp {
  readonly pc: number
  /** New for each ICE restart. */
  readonly ufrag: string
  /** The owner's address when it gathered candidates; the session is dead once it changes. */
  readonly address: number
  readonly version: number
  /** Like a real description, it contains the candidates found before it was read. */
  readonly hasCandidates: boolean
}

export interface FakeDescription {
  readonly type: 'offer' | 'answer'
  readonly sdp: string
}

export const parseSdp = (sdp: string): FakeSdp => {
  const value: FakeSdp = JSON.parse(sdp)
  return value
}

/** The description including the candidates that were found so far. */
export const withCandidates = (
  description: FakeDescription | null,
  found: ReadonlySet<string>,
): FakeDescription | null => {
  const sdp = description && parseSdp(description.sdp)
  if (!sdp || !found.has(sdp.ufrag)) return description
  return { ...description, sdp: JSON.stringify({ ...sdp, hasCandidates: true }) }
}

/** The candidate of an `icecandidate` event. */
export class FakeCandidate {
  readonly #ufrag: string
  readonly #part: number

  constructor(ufrag: string, part: number) {
    this.#ufrag = ufrag
    this.#part = part
  }

  toJSON(): RTCIceCandidateInit {
    return {
      candidate: `candidate:${this.#part} 1 udp ${this.#part} 192.0.2.1 9 typ host`,
      sdpMid: '0',
      sdpMLineIndex: 0,
      usernameFragment: this.#ufrag,
    }
  }
}
