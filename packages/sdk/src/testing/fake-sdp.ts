/** What a description of a fake says, as JSON in place of SDP. */
export interface FakeSdp {
  readonly pc: number
  /** New for each ICE restart. */
  readonly ufrag: string
  /** The owner's address when it gathered: another one since, and the session is dead. */
  readonly address: number
  readonly version: number
}

export interface FakeDescription {
  readonly type: 'offer' | 'answer'
  readonly sdp: string
}

export const parseSdp = (sdp: string): FakeSdp => {
  const value: FakeSdp = JSON.parse(sdp)
  return value
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
