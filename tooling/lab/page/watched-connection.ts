/** What happened to the connections of this page, beneath the SDK. */
export const watched = { connections: 0, channelsClosed: 0 }

/** Counts its instances and the data channels that close. */
export class WatchedConnection extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    watched.connections += 1
  }

  override createDataChannel(label: string, options?: RTCDataChannelInit): RTCDataChannel {
    const channel = super.createDataChannel(label, options)
    channel.addEventListener('close', () => {
      watched.channelsClosed += 1
    })
    return channel
  }
}
