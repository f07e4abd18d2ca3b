import type { IceCandidate, SessionDescription } from '@skein/protocol'

/** What two negotiations say to each other, whichever way it travels. */
export type NegotiationMessage =
  | { readonly type: 'description'; readonly description: SessionDescription }
  | { readonly type: 'candidate'; readonly candidate: IceCandidate | null }

export interface NegotiationOptions {
  readonly connection: RTCPeerConnection
  readonly polite: boolean
  readonly isExplicit: boolean
  readonly send: (message: NegotiationMessage) => void
  /** The other's offer is in place: time to make the channels, before the answer. */
  readonly offered: () => void
  /**
   * This connection cannot take the offer, only a new one can: with the offer when it may be
   * applied there, with `null` when this side has to make an offer of its own.
   */
  readonly replace: (offer: NegotiationMessage | null) => void
}

/**
 * node-datachannel/polyfill (0.33, November 2026) neither rolls back, nor restarts ICE, nor makes
 * descriptions by itself; that last shows in its signature: the argument is not optional.
 */
export const isExplicit = (Connection: typeof RTCPeerConnection): boolean =>
  Connection.prototype.setLocalDescription.length > 0

/** Candidates of a peer that sends them before its description: a browser has a dozen or two. */
const maxHeld = 128

/** Descriptions that are known again when they come by the other way. */
const maxSeen = 16

/**
 * Perfect negotiation, with the names of the specification's example.
 * @see https://www.w3.org/TR/webrtc/#perfect-negotiation-example
 */
export class Negotiation {
  readonly #options: NegotiationOptions
  #makingOffer = false
  #ignoreOffer = false
  #isSettingRemoteAnswerPending = false
  /** Candidates that came before a description; `null` once there is one. */
  #held: IceCandidate[] | null = []
  /** The latest, in order of arrival: a description may come twice, by two ways. */
  #seen: readonly string[] = []

  constructor(options: NegotiationOptions) {
    this.#options = options
    const { connection, send, isExplicit } = options
    if (!isExplicit) connection.onnegotiationneeded = () => void this.offer()
    connection.onicecandidate = ({ candidate }) => send({ type: 'candidate', candidate })
  }

  /** Where the platform is implicit, `negotiationneeded` calls it. */
  async offer(): Promise<void> {
    this.#makingOffer = true
    try {
      await this.#setLocal('createOffer')
    } catch {
      // The connection was closed meanwhile; if not, the time limit of the link sees to it.
    }
    this.#makingOffer = false
  }

  /** What the platform refuses went stale, or is a peer's nonsense: neither ends the link. */
  async receive(message: NegotiationMessage): Promise<void> {
    try {
      if (message.type === 'description') await this.#describe(message)
      // Their end is optional to tell, and not every platform can hear it.
      else if (message.candidate) await this.#addCandidate(message.candidate)
    } catch {
      this.#isSettingRemoteAnswerPending = false
    }
  }

  /** Says an offer again; `false` when none is unanswered. */
  resend(): boolean {
    const isUnanswered = this.#options.connection.signalingState === 'have-local-offer'
    if (isUnanswered) this.#sendLocal()
    return isUnanswered
  }

  async #describe(message: NegotiationMessage & { type: 'description' }): Promise<void> {
    const { description } = message
    if (this.#isCopy(description)) return
    const { connection, polite, isExplicit, replace } = this.#options
    const isOffer = description.type === 'offer'
    const offerCollision = isOffer && !this.#isReadyForOffer
    this.#ignoreOffer = !polite && offerCollision
    const isLateAnswer = !isOffer && connection.signalingState !== 'have-local-offer'
    if (this.#ignoreOffer || isLateAnswer) return
    // A connection that is explicit takes one offer, and none after its own.
    const isSpent = isExplicit && isOffer && (offerCollision || !this.#held)
    if (!isSpent) return this.#setRemote(description)
    replace(this.#held && message)
  }

  get #isReadyForOffer(): boolean {
    const isStable = this.#options.connection.signalingState === 'stable'
    return !this.#makingOffer && (isStable || this.#isSettingRemoteAnswerPending)
  }

  async #setRemote(description: SessionDescription): Promise<void> {
    const { connection, offered } = this.#options
    const isOffer = description.type === 'offer'
    this.#isSettingRemoteAnswerPending = !isOffer
    const done = connection.setRemoteDescription(description)
    const held = this.#held ?? []
    this.#held = null
    // The platform queues them behind the description.
    for (const candidate of held) void this.receive({ type: 'candidate', candidate })
    await done
    this.#isSettingRemoteAnswerPending = false
    if (!isOffer) return
    offered()
    await this.#setLocal('createAnswer')
  }

  /** A copy of the latest offer is answered anew: the answer may be what was lost. */
  #isCopy({ sdp }: SessionDescription): boolean {
    const { signalingState, localDescription } = this.#options.connection
    const isCopy = this.#seen.includes(sdp)
    const isAnswered = signalingState === 'stable' && localDescription?.type === 'answer'
    if (isAnswered && sdp === this.#seen.at(-1)) this.#sendLocal()
    if (!isCopy) this.#seen = [...this.#seen, sdp].slice(-maxSeen)
    return isCopy
  }

  async #addCandidate(candidate: IceCandidate): Promise<void> {
    if (!this.#held) {
      if (!this.#ignoreOffer) await this.#options.connection.addIceCandidate(candidate)
    } else if (this.#held.length < maxHeld) this.#held.push(candidate)
  }

  async #setLocal(create: 'createOffer' | 'createAnswer'): Promise<void> {
    const { connection, isExplicit } = this.#options
    await connection.setLocalDescription(isExplicit ? await connection[create]() : undefined)
    this.#sendLocal()
  }

  #sendLocal(): void {
    const { localDescription } = this.#options.connection
    if (localDescription) {
      this.#options.send({ type: 'description', description: localDescription })
    }
  }
}
