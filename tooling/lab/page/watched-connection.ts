/** A TURN server, and with what a connection was to ask it. */
export interface TurnUse {
  readonly urls: string | readonly string[]
  readonly username: string
  readonly credential: string
}

/** What happened to the connections of this page, beneath the SDK. */
export const watched = { connections: 0, channelsClosed: 0, turns: [] as TurnUse[] }

const made = new Set<WatchedConnection>()

/** Counts its instances, the data channels that close, and the bytes that come. */
export class WatchedConnection extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    watched.connections += 1
    made.add(this)
    noteTurns(configuration)
  }

  override setConfiguration(configuration?: RTCConfiguration): void {
    super.setConfiguration(configuration)
    noteTurns(configuration)
  }

  override createDataChannel(label: string, options?: RTCDataChannelInit): RTCDataChannel {
    const channel = super.createDataChannel(label, options)
    // One of a call that nobody took has carried nothing, and closes unopened.
    channel.addEventListener('open', () => {
      channel.addEventListener('close', () => {
        watched.channelsClosed += 1
      })
    })
    channel.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer) arrived(data.byteLength)
    })
    return channel
  }
}

const noteTurns = ({ iceServers = [] }: RTCConfiguration = {}): void => {
  for (const { urls, username, credential } of iceServers) {
    const isKnown = watched.turns.some((turn) => turn.username === username)
    if (username && credential && !isKnown) watched.turns.push({ urls, username, credential })
  }
}

let arrivedBytes = 0
let tasks: { readonly atBytes: number; readonly task: () => void }[] = []

const arrived = (bytes: number): void => {
  arrivedBytes += bytes
  const due = tasks.filter(({ atBytes }) => atBytes <= arrivedBytes)
  tasks = tasks.filter((one) => !due.includes(one))
  for (const { task } of due) task()
}

/** Runs `task` when so many bytes more have come, on whatever connection. */
export const afterBytes = (bytes: number, task: () => void): void => {
  tasks.push({ atBytes: arrivedBytes + bytes, task })
}

/** The youngest connection that stands; in a room of two it is the only one. */
export const standing = (): RTCPeerConnection | undefined =>
  [...made].findLast(({ connectionState }) => connectionState === 'connected')

export const closeAll = (): void => {
  for (const connection of made) connection.close()
}
