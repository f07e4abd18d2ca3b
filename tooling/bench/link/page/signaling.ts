/** A signal as Skein's server relays it. */
export type Signal =
  | { readonly type: 'description'; readonly description: RTCSessionDescriptionInit }
  | { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit | null }

export interface Signaling {
  /** The ids of those who were here before me. */
  readonly welcome: Promise<readonly string[]>
  readonly send: (to: string, signal: Signal) => void
  readonly close: () => void
}

interface Handlers {
  readonly onPeer: (id: string) => void
  readonly onSignal: (from: string, signal: Signal) => void
}

/**
 * The least client of Skein's signaling server: what raw channels and simple-peer open with, so that
 * they and the SDK go the same way.
 */
export const openSignaling = (
  { url, room }: { readonly url: string; readonly room: string },
  { onPeer, onSignal }: Handlers,
): Signaling => {
  const socket = new WebSocket(url, 'skein.v1')
  const welcome = Promise.withResolvers<readonly string[]>()
  const write = (message: object): void => socket.send(JSON.stringify(message))
  socket.onopen = () => write({ type: 'join', v: 1, room })
  socket.onerror = () => welcome.reject(new Error('no signaling'))
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

/** There is one connection a pair, so nobody needs to tell them apart. */
const link = { local: 'bench', remote: null }
