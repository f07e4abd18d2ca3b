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
  /** Something was refused by the platform; the link goes on as it is. */
  readonly refused: (error: unknown) => void
}

export interface Negotiation {
  /** Starts it where the platform has no `negotiationneeded` worth the name. */
  readonly offer: () => Promise<void>
  readonly receive: (message: NegotiationMessage) => Promise<void>
  /** Says an offer again that is still unanswered. */
  readonly resend: () => boolean
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
export const createNegotiation = (options: NegotiationOptions): Negotiation => {
  const { connection, polite, isExplicit, send } = options
  let makingOffer = false
  let ignoreOffer = false
  let isSettingRemoteAnswerPending = false
  /** Candidates that came before a description; `null` once there is one. */
  let held: (IceCandidate | null)[] | null = []
  /** Descriptions may come twice, by two ways; the order of `seen` is that of arrival. */
  const seen: string[] = []

  const setLocal = async (create: 'createOffer' | 'createAnswer') => {
    if (isExplicit) await connection.setLocalDescription(await connection[create]())
    else await connection.setLocalDescription()
    sendLocal()
  }
  const sendLocal = () => {
    const local = connection.localDescription
    if (local) send({ type: 'description', description: { type: local.type, sdp: local.sdp } })
  }
  const offer = async () => {
    try {
      makingOffer = true
      await setLocal('createOffer')
    } catch (error) {
      options.refused(error)
    } finally {
      makingOffer = false
    }
  }
  const addCandidate = async (candidate: IceCandidate | null) => {
    if (held) return void held.push(candidate)
    if (ignoreOffer) return
    // The end of candidates is optional to say, and not every platform can hear it.
    if (candidate) await connection.addIceCandidate(candidate)
  }
  /** A copy: the answer to the latest offer may be what was lost. */
  const repeat = (sdp: string) => {
    const isLatest = sdp === seen.at(-1) && connection.signalingState === 'stable'
    if (isLatest && connection.localDescription?.type === 'answer') sendLocal()
  }
  const setDescription = async (description: SessionDescription) => {
    const { type, sdp } = description
    if (seen.includes(sdp)) return repeat(sdp)
    seen.push(sdp)
    const readyForOffer =
      !makingOffer && (connection.signalingState === 'stable' || isSettingRemoteAnswerPending)
    const offerCollision = type === 'offer' && !readyForOffer
    ignoreOffer = !polite && offerCollision
    if (ignoreOffer) return
    if (type === 'answer' && connection.signalingState !== 'have-local-offer') return
    if (type === 'offer' && isExplicit && (offerCollision || !held)) {
      return options.replace(offerCollision && held ? { type: 'description', description } : null)
    }
    isSettingRemoteAnswerPending = type === 'answer'
    const set = connection.setRemoteDescription(description)
    // Queued behind it by the platform.
    const waiting = held ?? []
    held = null
    for (const candidate of waiting) addCandidate(candidate).catch(options.refused)
    await set
    isSettingRemoteAnswerPending = false
    if (type === 'answer') return
    options.offered()
    await setLocal('createAnswer')
  }

  connection.onnegotiationneeded = () => void (isExplicit || offer())
  connection.onicecandidate = ({ candidate }) =>
    send({ type: 'candidate', candidate: candidate && candidate.toJSON() })
  return {
    offer,
    receive: async (message) => {
      try {
        if (message.type === 'description') await setDescription(message.description)
        else await addCandidate(message.candidate)
      } catch (error) {
        isSettingRemoteAnswerPending = false
        if (!ignoreOffer) options.refused(error)
      }
    },
    resend: () => {
      const isUnanswered = connection.signalingState === 'have-local-offer'
      if (isUnanswered) sendLocal()
      return isUnanswered
    },
  }
}
