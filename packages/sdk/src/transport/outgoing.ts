import type { SkeinErrorCode } from '@skein/protocol'
import type { HostTerm } from '../core/host-term.ts'
import type { FrameChannelOptions } from '../link/link.ts'
import type { Payload } from './payload.ts'

/** One `send`, shared by all the peers it goes to. */
export interface Message extends Payload {
  readonly label: string
  /** A share of the link, beside other channels. */
  readonly weight: number
  /** In which it was sent: it stays, however late the message leaves. */
  readonly hostTerm: HostTerm
  readonly isForHost: boolean
  /** Of an unordered or unreliable channel; `null`: it goes by the main carrier. */
  readonly frameChannel: FrameChannelOptions | null
}

/** One message on its way to one peer. */
export interface Outgoing {
  readonly message: Message
  /** The answer that is asked for; 0 without one. */
  readonly askId: number
  /** The link answers for it: it is handed over, or waits in a queue that is short. */
  isTaken: boolean
  /** All of it was handed over: the other side may have it. */
  isSent: boolean
  /** The answer (`null`: it was handled), or why none will come; `undefined` until then. */
  result: SkeinErrorCode | null | undefined
  /** It was taken, or has a result. */
  onchange: () => void
  /** Bytes of the body that were handed over; -1 before it has begun. */
  offset: number
  /** What was read of a Blob, and where it begins; `null` when that is nothing. */
  block: { readonly at: number; readonly bytes: Uint8Array } | null
}

export const outgoing = (message: Message, askId: number): Outgoing => ({
  message,
  askId,
  isTaken: false,
  isSent: false,
  result: undefined,
  onchange: () => {},
  offset: -1,
  block: null,
})
