import type { PeerId } from '@skein/protocol'
import type { JsonValue } from '../api.ts'
import type { ChannelMux } from '../channel/channel-mux.ts'
import type { RoomView } from '../channel/check-term.ts'
import { meshLabel, relayLabel } from '../transport/label.ts'
import { encodePayload } from '../transport/payload.ts'

export interface PostOptions {
  readonly mux: ChannelMux
  readonly view: () => RoomView
}

/** What members send each other for a third: messages, and frames that are forwarded. */
export interface Post {
  /** Sends a message; `false` without a link. */
  readonly message: (to: PeerId, data: readonly JsonValue[]) => boolean
  /** Sends a frame; calls `taken` when it has left, or never will. `false` without a link. */
  readonly frame: (to: PeerId, bytes: Uint8Array, taken: () => void) => boolean
}

/** Messages are few and short, and go first. */
const messageWeight = 8
/** What this page forwards for others gets the smallest share of a link beside its own data. */
const frameWeight = 1

export const createPost = ({ mux, view }: PostOptions): Post => {
  const send = (
    to: PeerId,
    data: unknown,
    { label, weight }: { label: string; weight: number },
  ) => {
    const transport = mux.transport(to)
    if (!transport) return null
    const rest = { isForHost: false, isForAll: false, keepsLatest: false, frameChannel: null }
    return transport.send(
      { ...encodePayload(data), ...rest, label, weight, hostTerm: view() },
      false,
    )
  }
  return {
    message: (to, data) => send(to, data, { label: meshLabel, weight: messageWeight }) !== null,
    frame: (to, bytes, taken) => {
      const item = send(to, bytes, { label: relayLabel, weight: frameWeight })
      if (!item) return false
      const check = () => {
        if (!item.isAccepted && item.result === undefined) return
        item.onchange = () => {}
        taken()
      }
      item.onchange = check
      check()
      return true
    },
  }
}
