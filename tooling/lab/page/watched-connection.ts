/** A TURN server and the credential that a connection was configured with. */
export interface TurnServerUse {
  readonly urls: string | readonly string[]
  readonly username: string
  readonly credential: string
}

/** Totals over all connections of this page, counted below the SDK. */
export const totals = { connections: 0, channelsClosed: 0, turnServers: [] as TurnServerUse[] }

const connections = new Set<WatchedConnection>()

/** Counts its instances, the data channels that close, and the bytes that arrive. */
export class WatchedConnection extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    totals.connections += 1
    connections.add(this)
    recordTurnServers(configuration)
  }

  override setConfiguration(configuration?: RTCConfiguration): void {
    super.setConfiguration(configuration)
    recordTurnServers(configuration)
  }

  override createDataChannel(label: string, options?: RTCDataChannelInit): RTCDataChannel {
    const channel = super.createDataChannel(label, options)
    // Counts only channels that were open: the channel of an unanswered offer closes unopened.
    channel.addEventListener('open', () => {
      channel.addEventListener('close', () => {
        totals.channelsClosed += 1
      })
    })
    channel.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer) countBytes(data.byteLength)
    })
    return channel
  }
}

const recordTurnServers = ({ iceServers = [] }: RTCConfiguration = {}): void => {
  for (const { urls, username, credential } of iceServers) {
    const isKnown = totals.turnServers.some((turn) => turn.username === username)
    if (username && credential && !isKnown) totals.turnServers.push({ urls, username, credential })
  }
}

let arrivedBytes = 0
let tasks: { readonly atBytes: number; readonly task: () => void }[] = []

const countBytes = (bytes: number): void => {
  arrivedBytes += bytes
  const due = tasks.filter(({ atBytes }) => atBytes <= arrivedBytes)
  tasks = tasks.filter((one) => !due.includes(one))
  for (const { task } of due) task()
}

/** Runs `task` once this many more bytes have arrived, on all connections together. */
export const afterBytes = (bytes: number, task: () => void): void => {
  tasks.push({ atBytes: arrivedBytes + bytes, task })
}

/** The newest connection that is connected; in a room of two it is the only one. */
export const newestConnection = (): RTCPeerConnection | undefined =>
  [...connections].findLast(({ connectionState }) => connectionState === 'connected')

export const closeAll = (): void => {
  for (const connection of connections) connection.close()
}
