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

/**
 * One message on its way to one peer. The transitions below are the only way to change its state,
 * so that "sent", "taken" and "settled" mean the same for every part that handles it.
 */
export class Outgoing {
  readonly message: Message
  /** The answer that is asked for; 0 without one. */
  readonly askId: number
  /** Called when the message is taken or settled. One listener. */
  onchange: () => void = () => {}
  #isTaken = false
  #isSent = false
  #result: SkeinErrorCode | null | undefined
  #offset = -1
  #block: Block | null = null

  constructor(message: Message, askId = 0) {
    this.message = message
    this.askId = askId
  }

  /** The link answers for it: it is handed over, or waits in a queue that is short. */
  get isTaken(): boolean {
    return this.#isTaken
  }

  /** All of it was handed over: the other side may have it. */
  get isSent(): boolean {
    return this.#isSent
  }

  /** The answer (`null`: handled), or why none will come; `undefined` until then. */
  get result(): SkeinErrorCode | null | undefined {
    return this.#result
  }

  /** Bytes of the body that were handed over; -1 before it has begun. */
  get offset(): number {
    return this.#offset
  }

  /** The part of a Blob that was read; `null` when there is none. */
  get block(): Block | null {
    return this.#block
  }

  /** The link takes responsibility: the application may send on. */
  take(): void {
    if (this.#isTaken) return
    this.#isTaken = true
    this.onchange()
  }

  /** The first byte is about to be handed over. */
  begin(): void {
    this.#offset = 0
  }

  /** More of the body was handed over. */
  advance(bytes: number): void {
    this.#offset += bytes
  }

  /** The last byte was handed over. */
  markSent(): void {
    this.#isSent = true
  }

  /** It goes again from its first byte: the connection was lost, or the message was withdrawn. */
  rewind(): void {
    this.#offset = -1
  }

  /** The next bytes of a Blob are in memory. */
  load(block: Block): void {
    this.#block = block
  }

  /** Ends it: `null` when it was handled, else why it will not be. */
  settle(result: SkeinErrorCode | null): void {
    this.#result = result
    this.onchange()
  }

  /** Ends it as if it had never been sent: whoever had it did not handle it. */
  reject(code: SkeinErrorCode): void {
    this.#isTaken = this.#isSent = false
    this.settle(code)
  }
}

interface Block {
  /** Where in the body it begins. */
  readonly at: number
  readonly bytes: Uint8Array
}
