/** A signal as Skein's server relays it. */
export type Signal =
  | { readonly type: 'description'; readonly description: RTCSessionDescriptionInit }
  | { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit | null }

export interface Signaling {
  /** The ids of the members that were already in the room. */
  readonly welcome: Promise<readonly string[]>
  readonly send: (to: string, signal: Signal) => void
  readonly close: () => void
}

interface Handlers {
  readonly onPeer: (id: string) => void
  readonly onSignal: (from: string, signal: Signal) => void
}

/**
 * A minimal client of Skein's signaling server. Raw channels and simple-peer use it, so that they
 * and the SDK take the same path.
 */
export const openSignaling = (
  { url, room }: { readonly url: string; readonly room: string },
  { onPeer, onSignal }: Handlers,
): Signaling => {
  const socket = new WebSocket(url, 'skein.v1')
  const welcome = Promise.withResolvers<readonly string[]>()
  const write = (message: object): void => socket.send(JSON.stringify(message))
  socket.onopen = () => write({ type: 'join', v: 1, room })
  socket.onerror = () => welcome.reject(new Error('no connection to the signaling server'))
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data)
    if (message.type === 'signal') onSignal(message.from, message.data)
    else if (message.type === 'peer-joined') onPeer(message.peer.id)
    else if (message.type === 'welcome')
      welcome.resolve(message.peers.map(({ id }: { id: string }) => id))
  }
  return {
    welcome: welcome.promise,
    send: (to, signal) => write({ type: 'signal', to, data: { link, ...signal } }),
    close: () => {
      write({ type: 'leave' })
      socket.close()
    },
  }
}

/** There is one connection per pair, so all of them can use the same ids. */
const link = { local: 'bench', remote: null }
