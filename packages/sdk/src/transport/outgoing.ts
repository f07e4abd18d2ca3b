import type { SkeinErrorCode } from '@skein/protocol'
import type { HostTerm } from '../core/host-term.ts'
import type { FrameChannelOptions } from '../link/link.ts'
import type { Payload } from './payload.ts'

/** The message of one `send`, shared by all peers it goes to. */
export interface Message extends Payload {
  readonly label: string
  /** The channel's share of the link, relative to other channels. */
  readonly weight: number
  /** The host term at the time of `send`. It does not change while the message waits. */
  readonly hostTerm: HostTerm
  readonly isForHost: boolean
  /** Sent to everyone: it does not wait for a peer that has stopped reading the channel. */
  readonly isForAll: boolean
  /** A newer message of the channel replaces it while it waits. */
  readonly keepsLatest: boolean
  /** For unordered or unreliable channels; `null`: the message uses the main frame channel. */
  readonly frameChannel: FrameChannelOptions | null
}

/** One message on its way to one peer. The transport, or who sends without one, keeps its state. */
export class Outgoing {
  readonly message: Message
  /** Id of the requested answer; 0 if none is requested. */
  readonly answerId: number
  /** Called when the message is accepted or settled. One listener. */
  onchange: () => void = () => {}
  /** The transport is responsible for it: the bytes were sent or are in a short queue. */
  isAccepted = false
  /** All bytes were sent: the other side may have the message. */
  isSent = false
  /** `null`: handled; a code: failed or rejected; `undefined`: not known yet. */
  result: SkeinErrorCode | null | undefined
  /** Bytes of the body that were sent; -1 before the message begins. */
  offset = -1
  /** The block of a Blob that is in memory; `null` if there is none. */
  block: Block | null = null

  constructor(message: Message, answerId = 0) {
    this.message = message
    this.answerId = answerId
  }

  /** The transport takes responsibility: the application may send more. */
  accept(): void {
    if (this.isAccepted) return
    this.isAccepted = true
    this.onchange()
  }

  /** Sets the final result: `null` if the message was handled, else the reason why not. */
  settle(result: SkeinErrorCode | null): void {
    this.result = result
    this.onchange()
  }
}

interface Block {
  /** Offset in the body. */
  readonly at: number
  readonly bytes: Uint8Array
}

/** Whether the channel rather loses messages than delivers them late. */
export const isLossy = ({ maxRetransmits, maxPacketLifeTime }: FrameChannelOptions): boolean =>
  (maxRetransmits ?? maxPacketLifeTime) !== null

/** A message that a newer one replaced counts as handed over, but nobody can acknowledge it. */
export const settleReplaced = (
  item: Outgoing,
  settle: (item: Outgoing, code: SkeinErrorCode | null) => void,
): void => settle(item, item.answerId ? 'queue-full' : null)
