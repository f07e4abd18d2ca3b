import type { SkeinErrorCode } from '@skein/protocol'
import type { Reign } from '../core/reign.ts'
import type { CarrierOptions } from '../link/link.ts'
import type { Payload } from './payload.ts'

/** One `send`, shared by all the peers it goes to. */
export interface Message extends Payload {
  readonly label: string
  /** A share of the link, beside other channels. */
  readonly weight: number
  /** In which it was sent: it stays, however late the message leaves. */
  readonly reign: Reign
  readonly isForHost: boolean
  /** Of an unordered or unreliable channel; `null`: it goes by the main carrier. */
  readonly carrier: CarrierOptions | null
}

/** One message on its way to one peer. */
export interface Outgoing {
  readonly message: Message
  /** The answer that is asked for; 0 without one. */
  readonly askId: number
  /** The link has taken all of it. May come again after a replaced connection. */
  readonly accepted: () => void
  /** An answer came (`null`: it was handled), or it will not be sent. Comes once at most. */
  readonly settled: (code: SkeinErrorCode | null) => void
  /** Bytes of the body that were handed over; -1 before it has begun. */
  offset: number
  /** What was read of a Blob, and where it begins. */
  block: { readonly at: number; readonly bytes: Uint8Array } | null
}

/** What a message takes of the queue: its bytes, and what it is to have it. */
export const costOf = ({ message }: Outgoing): number => message.size + 256
