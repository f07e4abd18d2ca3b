import type { SignalData } from '@skein/protocol'
import type { Clock } from '../clock.ts'
import { channelInit, createCarrier } from './carrier.ts'
import { type ControlMessage, controlLabel, parseControl } from './control.ts'
import { linkLimits } from './limits.ts'
import type { Carrier, CarrierOptions } from './link.ts'
import { mainLabel } from './link.ts'
import { createNegotiation, isExplicit, type NegotiationMessage } from './negotiation.ts'

/** What a connection tells the link. Nothing is told after `close()`. */
export interface ConnectionEvents {
  readonly signal: (data: SignalData) => void
  /** The main carrier is open. */
  readonly opened: (main: Carrier) => void
  /** A channel closed under our feet. */
  readonly lost: () => void
  /** Something arrived. */
  readonly heard: () => void
  readonly frame: (label: string, frame: Uint8Array<ArrayBuffer>) => void
  readonly control: (message: Extract<ControlMessage, { id: number } | { type: 'bye' }>) => void
  readonly stateChanged: (state: RTCPeerConnectionState) => void
  /** It cannot go on: make a new one, with the offer or to make an offer. */
  readonly replace: (offer: NegotiationMessage | null) => void
  /** Whether what is sent on the control channel can be trusted to arrive. */
  readonly isHealthy: () => boolean
}

export interface ConnectionOptions {
  readonly RTCPeerConnection: typeof RTCPeerConnection
  readonly configuration: RTCConfiguration
  readonly isPolite: boolean
  readonly clock: Clock
  /** The id of this connection. */
  readonly local: string
  readonly events: ConnectionEvents
}

/** One RTCPeerConnection of a link, with its channels. */
export interface Connection {
  readonly local: string
  /** The id of the other side's connection; `null` until heard. */
  remote: string | null
  readonly peerConnection: RTCPeerConnection
  /** Whether a description of the other side was applied. */
  readonly isAnswered: boolean
  readonly canRestart: boolean
  readonly main: Carrier | null
  readonly offer: () => void
  readonly receive: (message: NegotiationMessage) => void
  readonly restartIce: () => void
  readonly send: (message: ControlMessage) => void
  readonly carrier: (options: CarrierOptions) => Carrier
  readonly close: (options?: { bye: boolean }) => void
}

/** Opens nothing yet: `offer()` calls the other side, `receive()` answers it. */
export const createConnection = (options: ConnectionOptions): Connection => {
  const { clock, events, local } = options
  const peerConnection = new options.RTCPeerConnection(options.configuration)
  const explicit = isExplicit(options.RTCPeerConnection)
  const channels: RTCDataChannel[] = []
  let control: RTCDataChannel | null = null
  let main: Carrier | null = null
  let isClosed = false
  let cancelResend = () => {}

  const send = (message: ControlMessage) => {
    if (control?.readyState === 'open') control.send(JSON.stringify(message))
  }
  const say = (message: NegotiationMessage) => {
    if (isClosed) return
    send(message)
    const isCarried = control?.readyState === 'open' && events.isHealthy()
    if (!isCarried) events.signal({ link: { local, remote: connection.remote }, ...message })
    if (message.type === 'description' && message.description.type === 'offer') resendLater()
  }
  const resendLater = (delayMs: number = linkLimits.resendMs) => {
    cancelResend()
    cancelResend = clock.after(delayMs, () => {
      // By now there is a longer wait set by `say`: it doubles.
      if (negotiation.resend()) resendLater(delayMs * 2)
    })
  }
  const negotiation = createNegotiation({
    connection: peerConnection,
    polite: options.isPolite,
    isExplicit: explicit,
    send: say,
    offered: () => makeChannels(),
    replace: events.replace,
    // What the platform refuses is an offer or candidate that went stale, or a peer's nonsense:
    // time limits and the ladder see to what does not open because of it.
    refused: () => {},
  })
  const adopt = (channel: RTCDataChannel): Carrier => {
    channels.push(channel)
    const { label } = channel
    return createCarrier(
      { channel, connection: peerConnection },
      {
        opened: () => {
          if (!isClosed && label === mainLabel && main) events.opened(main)
        },
        closed: () => {
          if (!isClosed && label === mainLabel) events.lost()
        },
        drained: () => isClosed || events.heard(),
        frame: (frame) => {
          if (isClosed) return
          events.heard()
          events.frame(label, frame)
        },
      },
    )
  }
  const makeChannels = () => {
    if (control) return
    control = peerConnection.createDataChannel(controlLabel, { negotiated: true, id: 0 })
    control.onmessage = ({ data }) => {
      const message = parseControl(data)
      if (isClosed || !message) return
      events.heard()
      if (message.type === 'description' || message.type === 'candidate') receive(message)
      else events.control(message)
    }
    channels.push(control)
    main = adopt(peerConnection.createDataChannel(mainLabel, { negotiated: true, id: 1 }))
  }
  const receive = (message: NegotiationMessage) => void negotiation.receive(message)

  peerConnection.onconnectionstatechange = () => {
    if (!isClosed) events.stateChanged(peerConnection.connectionState)
  }
  peerConnection.ondatachannel = ({ channel }) => {
    // The two of the link are never announced: one that pretends to be is refused.
    if (channel.label === mainLabel || channel.label === controlLabel) channel.close()
    else adopt(channel)
  }
  const end = () => {
    for (const channel of channels) channel.close()
    // node-datachannel crashes when a connection goes before its channels have closed.
    if (explicit) clock.after(linkLimits.byeMs, () => peerConnection.close())
    else peerConnection.close()
  }
  const connection: Connection = {
    local,
    remote: null,
    peerConnection,
    get isAnswered() {
      return Boolean(peerConnection.remoteDescription?.sdp)
    },
    canRestart: !explicit,
    get main() {
      return main
    },
    offer: () => {
      makeChannels()
      // Others are told by `negotiationneeded`.
      if (explicit) void negotiation.offer()
    },
    receive,
    restartIce: () => peerConnection.restartIce(),
    send,
    carrier: (carrierOptions) =>
      adopt(peerConnection.createDataChannel(carrierOptions.label, channelInit(carrierOptions))),
    close: ({ bye } = { bye: false }) => {
      if (isClosed) return
      isClosed = true
      cancelResend()
      if (bye && control?.readyState === 'open') {
        send({ type: 'bye' })
        clock.after(linkLimits.byeMs, end)
      } else end()
    },
  }
  return connection
}
