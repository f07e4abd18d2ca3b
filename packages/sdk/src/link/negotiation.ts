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
  #held: (IceCandidate | null)[] | null = []
  /** In order of arrival: a description may come twice, by two ways. */
  readonly #seen: string[] = []

  constructor(options: NegotiationOptions) {
    this.#options = options
    const { connection, send, isExplicit } = options
    if (!isExplicit) connection.onnegotiationneeded = () => void this.offer()
    connection.onicecandidate = ({ candidate }) =>
      send({ type: 'candidate', candidate: candidate?.toJSON() ?? null })
  }

  /** Where the platform is implicit, `negotiationneeded` calls it. */
  async offer(): Promise<void> {
    try {
      this.#makingOffer = true
      await this.#setLocal('createOffer')
    } catch {
      // The connection was closed meanwhile; if not, the time limit of the link sees to it.
    } finally {
      this.#makingOffer = false
    }
  }

  /** What the platform refuses went stale, or is a peer's nonsense: neither ends the link. */
  async receive(message: NegotiationMessage): Promise<void> {
    try {
      if (message.type === 'description') await this.#describe(message.description)
      else await this.#addCandidate(message.candidate)
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

  async #describe(description: SessionDescription): Promise<void> {
    const { connection, polite } = this.#options
    const isOffer = description.type === 'offer'
    if (this.#isCopy(description)) return
    const offerCollision = isOffer && !this.#readyForOffer
    this.#ignoreOffer = !polite && offerCollision
    const isLateAnswer = !isOffer && connection.signalingState !== 'have-local-offer'
    if (this.#ignoreOffer || isLateAnswer) return
    if (isOffer && this.#options.isExplicit) await this.#takeOnce(description, offerCollision)
    else await this.#setRemote(description)
  }

  get #readyForOffer(): boolean {
    const { signalingState } = this.#options.connection
    return !this.#makingOffer && (signalingState === 'stable' || this.#isSettingRemoteAnswerPending)
  }

  /** A connection that is explicit takes one offer, and none after its own. */
  async #takeOnce(description: SessionDescription, offerCollision: boolean): Promise<void> {
    const { replace } = this.#options
    if (!this.#held) replace(null)
    else if (offerCollision) replace({ type: 'description', description })
    else await this.#setRemote(description)
  }

  async #setRemote(description: SessionDescription): Promise<void> {
    const isOffer = description.type === 'offer'
    this.#isSettingRemoteAnswerPending = !isOffer
    const done = this.#options.connection.setRemoteDescription(description)
    const held = this.#held ?? []
    this.#held = null
    // The platform queues them behind the description.
    for (const candidate of held) void this.receive({ type: 'candidate', candidate })
    await done
    this.#isSettingRemoteAnswerPending = false
    if (!isOffer) return
    this.#options.offered()
    await this.#setLocal('createAnswer')
  }

  /** A copy of the latest offer is answered anew: the answer may be what was lost. */
  #isCopy({ sdp }: SessionDescription): boolean {
    const { signalingState, localDescription } = this.#options.connection
    const isCopy = this.#seen.includes(sdp)
    const isLatest = sdp === this.#seen.at(-1) && signalingState === 'stable'
    if (isCopy && isLatest && localDescription?.type === 'answer') this.#sendLocal()
    if (!isCopy) this.#seen.push(sdp)
    return isCopy
  }

  async #addCandidate(candidate: IceCandidate | null): Promise<void> {
    if (this.#held) this.#held.push(candidate)
    // Its end is optional to tell, and not every platform can hear it.
    else if (candidate && !this.#ignoreOffer) {
      await this.#options.connection.addIceCandidate(candidate)
    }
  }

  async #setLocal(create: 'createOffer' | 'createAnswer'): Promise<void> {
    const { connection, isExplicit } = this.#options
    if (isExplicit) await connection.setLocalDescription(await connection[create]())
    else await connection.setLocalDescription()
    this.#sendLocal()
  }

  #sendLocal(): void {
    const local = this.#options.connection.localDescription
    if (!local) return
    const { type, sdp } = local
    this.#options.send({ type: 'description', description: { type, sdp } })
  }
}
