import type { IceCandidate, SessionDescription } from '@skein/protocol'
import type { Clock } from '../time/clock.ts'
import { createTimer, type RestartableTimer } from '../time/restartable-timer.ts'
import { resendMs } from './limits.ts'

/** What two negotiations say to each other, whichever way it travels. */
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

/** Candidates that come before a description: a browser has a dozen or two. */
const maxHeld = 128

/** Descriptions that are known again when they come by the other way. */
const maxSeen = 16

/**
 * Perfect negotiation, with the names of the specification's example.
 * @see https://www.w3.org/TR/webrtc/#perfect-negotiation-example
 */
export abstract class Negotiation {
  readonly pc: RTCPeerConnection
  protected readonly clock: Clock
  /**
   * node-datachannel/polyfill (0.33, November 2026) neither rolls back, nor restarts ICE, nor makes
   * descriptions by itself; that last shows in its signature: the argument is not optional.
   */
  readonly needsExplicitSdp: boolean
  readonly #isPolite: boolean
  readonly #resendAlarm: RestartableTimer
  #makingOffer = false
  #ignoreOffer = false
  #isSettingRemoteAnswerPending = false
  /** Candidates that came before a description; `null` once there is one. */
  #held: NegotiationMessage[] | null = []
  /** The latest, in order of arrival: a description may come twice, by two ways. */
  #seen: readonly string[] = []

  /** @throws what the platform says of a configuration that it refuses. */
  constructor({ RTCPeerConnection, configuration, isPolite, clock }: NegotiationOptions) {
    this.pc = new RTCPeerConnection(configuration)
    this.needsExplicitSdp = this.pc.setLocalDescription.length > 0
    this.clock = clock
    this.#isPolite = isPolite
    this.#resendAlarm = createTimer(clock)
    // That there are no more is not worth a signal: nobody waits for it. Nor is an address that only
    // calls out over TCP: nobody can call it (RFC 6544, 6.2).
    this.pc.onicecandidate = ({ candidate }) => {
      if (candidate && candidate.tcpType !== 'active') this.say({ type: 'candidate', candidate })
    }
  }

  protected abstract say(message: NegotiationMessage): void
  /** The other's offer is in place: time to make the channels, if there are none, before the answer. */
  abstract makeChannels(): void
  /**
   * This connection cannot take the offer, only a new one can: with the offer when it may be
   * applied there, with `null` when this side has to make an offer of its own.
   */
  protected abstract replace(offer: NegotiationMessage | null): void

  /** Makes an offer, or says again the one that was made. */
  async offer(): Promise<void> {
    if (this.#makingOffer) return
    if (this.pc.signalingState === 'have-local-offer') return this.#sayLocal()
    this.#makingOffer = true
    // Refused where the connection was closed; else the time limit of the link sees to it.
    await this.#setLocal('createOffer').catch(() => {})
    this.#makingOffer = false
  }

  /** What the platform refuses went stale, or is a peer's nonsense: neither ends the link. */
  async receive(message: NegotiationMessage): Promise<void> {
    try {
      if (message.type === 'description') await this.#describe(message)
      else if (this.#held) this.#held = [...this.#held, message].slice(0, maxHeld)
      // Their end is optional to tell, and not every platform can hear it.
      else if (message.candidate && !this.#ignoreOffer) {
        await this.pc.addIceCandidate(message.candidate)
      }
    } catch {
      this.#isSettingRemoteAnswerPending = false
    }
  }

  close(): void {
    this.#resendAlarm()
  }

  async #describe(message: DescriptionMessage): Promise<void> {
    const { description } = message
    if (this.#isCopy(description)) return
    const isOffer = description.type === 'offer'
    const offerCollision = isOffer && !this.#isReadyForOffer
    this.#ignoreOffer = !this.#isPolite && offerCollision
    if (this.#ignoreOffer) return
    // A connection that is explicit takes one offer, and none after its own.
    const isSpent = this.needsExplicitSdp && isOffer && (offerCollision || !this.#held)
    if (isSpent) this.replace(this.#held && message)
    else await this.#setRemote(description)
  }

  get #isReadyForOffer(): boolean {
    const isStable = this.pc.signalingState === 'stable'
    return !this.#makingOffer && (isStable || this.#isSettingRemoteAnswerPending)
  }

  /** A copy of the latest offer is answered anew: the answer may be what was lost. */
  #isCopy({ type, sdp }: SessionDescription): boolean {
    const isCopy = this.#seen.includes(sdp)
    const isAnswered = type === 'offer' && this.pc.signalingState === 'stable'
    if (isAnswered && sdp === this.#seen.at(-1)) this.#sayLocal()
    if (!isCopy) this.#seen = [...this.#seen, sdp].slice(-maxSeen)
    return isCopy
  }

  async #setRemote(description: SessionDescription): Promise<void> {
    const isOffer = description.type === 'offer'
    this.#isSettingRemoteAnswerPending = !isOffer
    await this.pc.setRemoteDescription(description)
    this.#isSettingRemoteAnswerPending = false
    const candidates = this.#held ?? []
    this.#held = null
    for (const candidate of candidates) void this.receive(candidate)
    if (!isOffer) return
    this.makeChannels()
    await this.#setLocal('createAnswer')
  }

  async #setLocal(create: 'createOffer' | 'createAnswer'): Promise<void> {
    await this.pc.setLocalDescription(this.needsExplicitSdp ? await this.pc[create]() : undefined)
    // Not before: who makes the first offer is not for channels to say.
    if (!this.needsExplicitSdp) this.pc.onnegotiationneeded = () => this.offer()
    this.#sayLocal()
  }

  /** An offer again and again, until it is answered. */
  #sayLocal(againMs = resendMs): void {
    const { localDescription: description } = this.pc
    if (description) this.say({ type: 'description', description })
    this.#resendAlarm(againMs, () => {
      if (this.pc.signalingState === 'have-local-offer') this.#sayLocal(againMs * 2)
    })
  }
}
