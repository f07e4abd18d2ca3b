import type { CloseCode } from '../close-codes.ts'
import type { ConnectionId, Epoch, Millis, PeerId, Term } from '../ids.ts'
import type {
  ErrorMessage,
  Member,
  Presence,
  ResumeMessage,
  RoomMessage,
  ServerSignalMessage,
  SignalData,
  WelcomeMessage,
} from '../messages.ts'

/** What a resume token says, as the core sees it; the shell adds boot id and expiry, and signs. */
export interface ResumeClaims {
  readonly room: string
  readonly epoch: Epoch
  readonly id: PeerId
  readonly joinOrder: number
  /** Serial number of the member's token: the latest and the one before are accepted. */
  readonly generation: number
  readonly term: Term
  readonly host: PeerId | null
  /** How many members were online when it was written. */
  readonly online: number
}

/** What a joining or resuming client says of itself. */
export interface Self {
  readonly presence: Presence | null
  readonly canHost: boolean
  readonly priority: number
}

/** Every input but `tick` names the connection it came by: one that is stale changes nothing. */
export type RoomInput =
  | {
      readonly type: 'join'
      readonly connection: ConnectionId
      /** Made by the shell, never used before. */
      readonly id: PeerId
      readonly self: Self
    }
  | {
      readonly type: 'resume'
      readonly connection: ConnectionId
      /** Verified by the shell: signature, expiry, and that the room is this one. */
      readonly claims: ResumeClaims
      readonly self: Self
    }
  | {
      readonly type: 'update'
      readonly connection: ConnectionId
      readonly id: PeerId
      readonly change: Partial<Self>
    }
  | {
      readonly type: 'signal'
      readonly connection: ConnectionId
      readonly from: PeerId
      readonly to: PeerId
      readonly data: SignalData
    }
  | {
      readonly type: 'transfer-host'
      readonly connection: ConnectionId
      readonly id: PeerId
      readonly to: PeerId
    }
  | {
      /** The shell has checked the sender's right. */
      readonly type: 'kick'
      readonly connection: ConnectionId
      readonly id: PeerId
      readonly target: PeerId
    }
  | { readonly type: 'leave'; readonly connection: ConnectionId; readonly id: PeerId }
  /** The socket is gone. `id` is `null` when it was waiting for its welcome. */
  | { readonly type: 'lost'; readonly connection: ConnectionId; readonly id: PeerId | null }
  | { readonly type: 'tick' }

export type RoomEffect =
  | {
      readonly type: 'send'
      readonly to: readonly ConnectionId[]
      readonly message: RoomMessage | ServerSignalMessage | ErrorMessage
    }
  /** The connection is now the member's; the shell adds token, ICE servers and limits. */
  | {
      readonly type: 'welcome'
      readonly to: ConnectionId
      readonly message: Omit<WelcomeMessage, 'resume' | 'iceServers' | 'limits'>
      readonly claims: ResumeClaims
    }
  /** A fresh resume token is due; the shell signs it and sends it as a `resume` message. */
  | {
      readonly type: ResumeMessage['type']
      readonly to: ConnectionId
      readonly claims: ResumeClaims
    }
  /** A join or resume was refused: the connection is no member and may try again. */
  | { readonly type: 'refuse'; readonly to: ConnectionId; readonly message: ErrorMessage }
  | { readonly type: 'close'; readonly connection: ConnectionId; readonly code: CloseCode }

export interface RoomPolicy {
  readonly memberGraceMs: Millis
  readonly hostGraceMs: Millis
  readonly maxMembers: number
  /** How long a gathering of returning members may take. */
  readonly rebuildMs: Millis
  /** Tokens are renewed when this old: half of their life. */
  readonly tokenRenewMs: Millis
}

export interface RoomOptions {
  readonly name: string
  /** Above every epoch given out before. */
  readonly epoch: Epoch
  readonly policy: RoomPolicy
  /**
   * A young server does not know yet whether the room lived before: joins wait until then for a
   * resume, which opens the gathering. `null`: the room opens at once.
   */
  readonly gatherUntil: Millis | null
  /**
   * While tokens of an earlier boot are accepted, a room that empties is kept, closed, until then,
   * so that no old token revives it. `null`: an empty room may be dropped at once.
   */
  readonly keepUntil: Millis | null
}

export interface RoomMember extends Member {
  /** `null` while offline. */
  readonly connection: ConnectionId | null
  readonly offlineSince: Millis | null
  readonly generation: number
  readonly tokenAt: Millis
}
