import type { Signal } from './signaling.ts'

/** A connection without any library: negotiated channels and trickled candidates. */
export interface RawLink {
  readonly connection: RTCPeerConnection
  readonly offer: () => void
  readonly receive: (signal: Signal) => void
}

export const makeRawLink = (send: (signal: Signal) => void): RawLink => {
  const connection = new RTCPeerConnection()
  connection.onicecandidate = ({ candidate }) => {
    if (candidate) send({ type: 'candidate', candidate: candidate.toJSON() })
  }
  const describe = async (): Promise<void> => {
    await connection.setLocalDescription()
    const description = connection.localDescription
    if (description) send({ type: 'description', description: description.toJSON() })
  }
  const apply = async (signal: Signal): Promise<void> => {
    if (signal.type === 'candidate') {
      if (signal.candidate) await connection.addIceCandidate(signal.candidate)
      return
    }
    await connection.setRemoteDescription(signal.description)
    if (signal.description.type === 'offer') await describe()
  }
  return {
    connection,
    offer: () => void describe(),
    // The browser keeps the order of these calls.
    receive: (signal) => void apply(signal),
  }
}

/** A channel that both sides know beforehand, so that it does not have to be announced. */
export const negotiatedChannel = (connection: RTCPeerConnection, id: number): RTCDataChannel => {
  const channel = connection.createDataChannel(`bench ${id}`, { negotiated: true, id })
  channel.binaryType = 'arraybuffer'
  return channel
}

export const untilOpen = (channel: RTCDataChannel): Promise<void> =>
  new Promise((resolve, reject) => {
    channel.onerror = () => reject(new Error('the channel failed'))
    if (channel.readyState === 'open') resolve()
    else channel.onopen = () => resolve()
  })
