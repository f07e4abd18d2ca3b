import type { IceCandidate, Millis, SessionDescription } from '@skein/protocol'
import type { Clock } from '../time/clock.ts'
import { byeMs } from './limits.ts'

/** What two negotiations send each other, through the server or on the control channel. */
export type NegotiationMessage =
  | DescriptionMessage
  | { readonly type: 'candidate'; readonly candidate: IceCandidate | null }

interface DescriptionMessage {
  readonly type: 'description'
  readonly description: SessionDescription
}

export interface NegotiationOptions {
  readonly RTCPeerConnection: typeof RTCPeerConnection
  readonly configuration: RTCConfiguration
  readonly isPolite: boolean
  readonly clock: Clock
}

/** Candidates held until there is a description; a browser sends a dozen or two. */
const maxHeld = 128

/** How many descriptions are remembered to recognize duplicates. */
const maxSeen = 16

/**
 * Perfect negotiation, with the names of the specification's example.
 * @see https://www.w3.org/TR/webrtc/#perfect-negotiation-example
 */
export abstract class Negotiation {
  readonly pc: RTCPeerConnection
  protected readonly clock: Clock
  /**
   * node-datachannel/polyfill (0.33, November 2026) can neither roll back, nor restart ICE, nor
   * create descriptions implicitly. The last shows in its signature: `setLocalDescription` has a
   * required parameter.
   */
  readonly #needsExplicitSdp: boolean
  readonly #isPolite: boolean
  #makingOffer = false
  #ignoreOffer = false
  #isSettingRemoteAnswerPending = false
  /** Candidates that came before a description; `null` once there is one. */
  #heldCandidates: NegotiationMessage[] | null = []
  /** The latest, in order of arrival. A description may come twice, once on each way. */
  #seenSdps: readonly string[] = []

  /** @throws whatever the platform throws for a configuration that it refuses. */
  constructor({ RTCPeerConnection, configuration, isPolite, clock }: NegotiationOptions) {
    this.pc = new RTCPeerConnection(configuration)
    this.#needsExplicitSdp = this.pc.setLocalDescription.length > 0
    this.clock = clock
    this.#isPolite = isPolite
    this.pc.onicecandidate = ({ candidate }) => {
      if (isWorthSending(candidate)) this.signal({ type: 'candidate', candidate })
    }
  }

  /** Sends a message to the other side, by whichever way is open. */
  protected abstract signal(message: NegotiationMessage): void
  /** Whether the other side may send one more message with these candidate addresses. */
  protected abstract allows(addresses: readonly string[]): boolean
  /** Creates the channels, unless they exist. Called between the remote offer and the answer. */
  abstract makeChannels(): void
  /** This connection cannot take the offer that has come: only a new one can go on. */
  protected abstract replace(): void

  /** Whether a description of the other side was applied. */
  get isAnswered(): boolean {
    return Boolean(this.pc.remoteDescription?.sdp)
  }

  /** Makes an offer, or sends the one that was made. */
  async offer(): Promise<void> {
    if (this.#makingOffer) return
    if (this.pc.signalingState === 'have-local-offer') return this.#sendLocal()
    this.#makingOffer = true
    // Rejects on a closed connection; otherwise the link makes another attempt.
    await this.#setLocal('createOffer').catch(() => {})
    this.#makingOffer = false
  }

  /** Applies a message. What the platform rejects is stale or invalid; neither ends the link. */
  async receive(message: NegotiationMessage): Promise<void> {
    if (!this.#isAcceptable(message)) return
    try {
      if (message.type === 'description') await this.#receiveDescription(message)
      else if (this.#heldCandidates) {
        this.#heldCandidates = [...this.#heldCandidates, message].slice(0, maxHeld)
        // The end of candidates is optional, and not every platform accepts it.
      } else if (message.candidate && !this.#ignoreOffer) {
        await this.pc.addIceCandidate(message.candidate)
      }
    } catch {
      this.#isSettingRemoteAnswerPending = false
    }
  }

  /** Restarts ICE; `false` where the platform cannot. */
  restartIce(): boolean {
    if (!this.#needsExplicitSdp) this.pc.restartIce()
    return !this.#needsExplicitSdp
  }

  /** Creates the channels if the platform allows it before the other side's offer. */
  preCreateChannels(): void {
    if (!this.#needsExplicitSdp) this.makeChannels()
  }

  /** Closes after `delayMs`, so that what was sent last can leave. */
  close(delayMs: Millis = 0): void {
    // node-datachannel lets a process exit cleanly only if channels close before their connection.
    const lingerMs = this.#needsExplicitSdp ? byeMs : 0
    this.clock.after(delayMs + lingerMs, () => this.pc.close())
  }

  /** Bounds what the other side makes the browser do, above all which addresses it contacts. */
  #isAcceptable(message: NegotiationMessage): boolean {
    const isDescription = message.type === 'description'
    const text = isDescription ? message.description.sdp : `${message.candidate?.candidate}`
    // A link has no media, so a section for it is not something that this side asked for.
    return this.allows(addressesIn(text)) && !(isDescription && /^m=(?!application )/m.test(text))
  }

  async #receiveDescription(message: DescriptionMessage): Promise<void> {
    const { description } = message
    if (this.#isDuplicate(description)) return
    const isOffer = description.type === 'offer'
    const offerCollision = isOffer && !this.#isReadyForOffer
    this.#ignoreOffer = !this.#isPolite && offerCollision
    if (this.#ignoreOffer) return
    // Without implicit SDP a connection takes one offer.
    if (this.#needsExplicitSdp && isOffer && !this.#heldCandidates) this.replace()
    else await this.#setRemote(withRole(description, this.pc))
  }

  get #isReadyForOffer(): boolean {
    const isStable = this.pc.signalingState === 'stable'
    return !this.#makingOffer && (isStable || this.#isSettingRemoteAnswerPending)
  }

  /** A description may come twice, once on each way. */
  #isDuplicate({ sdp }: SessionDescription): boolean {
    const isDuplicate = this.#seenSdps.includes(sdp)
    if (!isDuplicate) this.#seenSdps = [...this.#seenSdps, sdp].slice(-maxSeen)
    return isDuplicate
  }

  async #setRemote(description: SessionDescription): Promise<void> {
    const isOffer = description.type === 'offer'
    this.#isSettingRemoteAnswerPending = !isOffer
    await this.pc.setRemoteDescription(description)
    this.#isSettingRemoteAnswerPending = false
    const candidates = this.#heldCandidates ?? []
    this.#heldCandidates = null
    for (const candidate of candidates) void this.receive(candidate)
    if (!isOffer) return
    this.makeChannels()
    await this.#setLocal('createAnswer')
  }

  async #setLocal(create: 'createOffer' | 'createAnswer'): Promise<void> {
    await this.pc.setLocalDescription(this.#needsExplicitSdp ? await this.pc[create]() : undefined)
    // Not earlier: new channels would make both sides offer first.
    if (!this.#needsExplicitSdp) this.pc.onnegotiationneeded = () => this.offer()
    this.#sendLocal()
  }

  #sendLocal(): void {
    const { localDescription: description } = this.pc
    if (description) this.signal({ type: 'description', description })
  }
}

/**
 * In an offer that renegotiates, the sender's DTLS role of now replaces "either". Firefox answers
 * such an offer with the active role although it is the passive end, which Chromium refuses.
 * @see https://www.rfc-editor.org/rfc/rfc8842#section-5.5
 */
const withRole = (
  { type, sdp }: SessionDescription,
  { currentLocalDescription, currentRemoteDescription }: RTCPeerConnection,
): SessionDescription => {
  const [remoteRole, localRole] = [currentRemoteDescription, currentLocalDescription].map(roleIn)
  const role = remoteRole ?? (localRole && (localRole === 'active' ? 'passive' : 'active'))
  const isOpen = type === 'offer' && role
  return { type, sdp: isOpen ? sdp.replace(/a=setup:actpass/g, `a=setup:${role}`) : sdp }
}

/** The DTLS role that the sender of a description has decided on. */
const roleIn = (description: { readonly sdp: string } | null): string | undefined =>
  description?.sdp.match(/a=setup:(active|passive)/)?.[1]

/** The addresses and ports of the candidates in a description, or of one candidate. */
const addressesIn = (text: string): string[] =>
  [...text.matchAll(/candidate:\S+ \S+ \S+ \S+ (\S+ \S+)/g)].map(([, address = '']) => address)

/**
 * Whether a candidate is of use to the other side. The end of candidates (`null`, or an empty one)
 * is not, because negotiation does not depend on it; nor is an active TCP candidate, which only
 * connects out.
 * @see https://www.rfc-editor.org/rfc/rfc6544#section-6.2
 */
export const isWorthSending = (
  candidate: Pick<RTCIceCandidate, 'candidate' | 'tcpType'> | null,
): boolean => candidate !== null && candidate.candidate !== '' && candidate.tcpType !== 'active'
