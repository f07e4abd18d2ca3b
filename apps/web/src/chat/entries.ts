import type { Dye } from '../lib/dyes.ts'
import type { FailureCode } from '../lib/failure.ts'
import type { Peer } from '../lib/room.svelte.ts'

/** An event in the room. It becomes text only when rendered, in the current language. */
export type RoomEvent =
  | { readonly type: 'away' | 'back' }
  | {
      readonly type: 'joined' | 'left' | 'lost' | 'kicked' | 'flood' | 'member-away' | 'member-back'
      readonly name: string
    }
  | { readonly type: 'host'; readonly name: string | null; readonly isMe: boolean }

export interface Notice {
  readonly kind: 'notice'
  readonly key: string
  readonly at: Date
  readonly event: RoomEvent
}

export interface Message {
  readonly kind: 'message'
  /** Unique in the log. That of an own message is the id under which it was sent. */
  readonly key: string
  readonly at: Date
  readonly from: Peer['id']
  readonly name: string
  readonly colour: Dye
  readonly isMine: boolean
  readonly text: string
  /** `null` while it is being sent and once it has arrived. */
  readonly failure: FailureCode | null
  readonly isSending: boolean
  /** Nobody was there to receive it. */
  readonly isUnheard: boolean
}

export type Entry = Notice | Message
