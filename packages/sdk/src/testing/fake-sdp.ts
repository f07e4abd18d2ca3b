/** What a description of a fake says, as JSON in place of SDP. */
export interface FakeSdp {
  readonly pc: number
  /** New for each ICE restart. */
  readonly ufrag: string
  /** The owner's address when it gathered: another one since, and the session is dead. */
  readonly address: number
  readonly version: number
  /** As a real one, it names the candidates that were found when it was read. */
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

/** The description as it reads now that candidates of these credentials were found. */
export const asRead = (
  description: FakeDescription | null,
  found: ReadonlySet<string>,
): FakeDescription | null => {
  const sdp = description && parseSdp(description.sdp)
  if (!sdp || !found.has(sdp.ufrag)) return description
  return { ...description, sdp: JSON.stringify({ ...sdp, hasCandidates: true }) }
}

/** What `icecandidate` brings. */
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
