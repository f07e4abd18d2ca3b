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
  readonly tokenSerial: number
  readonly term: Term
  readonly host: PeerId | null
  /** How many members were online when it was written. */
  readonly online: number
  /** Whose membership it is; `null` when the join named nobody. */
  readonly sub: string | null
}

/** Who joins, by the token of the join; the others in the room are never told. */
export interface Identity {
  readonly sub: string
  /** Whether there may be one member of this `sub`: the newest. */
  readonly isSingle: boolean
}

/** What a joining or resuming client says of itself. */
export interface Self {
  readonly presence: Presence | null
  readonly canHost: boolean
  readonly priority: number
}

/** What comes from a client names the connection it came by: one that is stale changes nothing. */
export type RoomInput =
  | {
      readonly type: 'join'
      readonly connection: ConnectionId
      /** Made by the shell, never used before. */
      readonly id: PeerId
      readonly self: Self
      readonly identity: Identity | null
    }
  | {
      readonly type: 'resume'
      readonly connection: ConnectionId
      /** Verified by the shell: signature, expiry, and that the room is this one. */
      readonly claims: ResumeClaims
      readonly self: Self
      readonly identity: Identity | null
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
      readonly reason: string | null
    }
  | { readonly type: 'leave'; readonly connection: ConnectionId; readonly id: PeerId }
  /** The socket is gone. `id` is `null` when it was waiting for its welcome. */
  | { readonly type: 'lost'; readonly connection: ConnectionId; readonly id: PeerId | null }
  /** A node is gone, and with it every connection that it held. */
  | { readonly type: 'node-lost'; readonly node: string }
  /** The store that kept the room was replaced: what was written last may be forgotten. */
  | { readonly type: 'failover' }
  /** After that: how a node last saw the room. For its own connections its word counts. */
  | { readonly type: 'merge-snapshot'; readonly node: string; readonly lastKnownRoom: Room }
  /** The store could not be reached until then: nobody could come back meanwhile. */
  | { readonly type: 'extend-grace'; readonly until: Millis }
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
  | {
      readonly type: 'close'
      readonly connection: ConnectionId
      readonly code: CloseCode
      /** In the words of the member who wanted it. */
      readonly reason?: string
    }

export interface RoomPolicy {
  readonly memberGraceMs: Millis
  readonly hostGraceMs: Millis
  readonly maxMembers: number
  /** How long a recovery of returning members may take. */
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
   * resume, which opens the recovery. `null`: the room opens at once.
   */
  readonly recoverUntil: Millis | null
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
  /** Serial number of the token it holds. */
  readonly tokenSerial: number
  /** When that was written. */
  readonly tokenAt: Millis
  /** The term it names. */
  readonly tokenTerm: Term
  /** How many it says were online. */
  readonly tokenOnline: number
  /** Of its identity, for the room alone. */
  readonly sub: string | null
}

/** A returning member that waits for the end of the recovery. */
export interface Returning {
  readonly connection: ConnectionId
  readonly claims: ResumeClaims
  readonly self: Self
  readonly identity: Identity | null
}

/** A newcomer that waits for the end of the recovery. */
export interface Newcomer {
  readonly connection: ConnectionId
  readonly id: PeerId
  readonly self: Self
  readonly identity: Identity | null
}

/** The room is not open yet: it waits for those who were in it before the server restarted. */
export interface Recovery {
  readonly until: Millis
  /** All of one epoch, the highest seen. */
  readonly returning: readonly Returning[]
  readonly newcomers: readonly Newcomer[]
}

/** All there is to know about a room: plain JSON, never changed in place. */
export interface Room {
  readonly name: string
  readonly epoch: Epoch
  readonly policy: RoomPolicy
  /** Number of the last message that everyone got; 0 while the room has never been open. */
  readonly revision: number
  readonly term: Term
  readonly host: PeerId | null
  readonly nextJoinOrder: number
  /** In join order. */
  readonly members: readonly RoomMember[]
  /** `null` once the room is open. */
  readonly recovery: Recovery | null
  /** While tokens of an earlier boot are accepted; then `null`. */
  readonly keepUntil: Millis | null
}

/** The room after an input, and what the shell has to do, in this order. */
export type Step = readonly [Room, RoomEffect[]]

/** A room that nobody has entered yet. */
export const createRoom = (options: RoomOptions): Room => ({
  name: options.name,
  epoch: options.epoch,
  policy: options.policy,
  revision: 0,
  term: 0,
  host: null,
  nextJoinOrder: 0,
  members: [],
  recovery:
    options.recoverUntil === null
      ? null
      : { until: options.recoverUntil, returning: [], newcomers: [] },
  keepUntil: options.keepUntil,
})

/** Whether the room may be dropped from the store: nobody is in it and nothing needs its memory. */
export const isEmpty = (room: Room): boolean =>
  room.members.length === 0 &&
  room.keepUntil === null &&
  (room.recovery === null || hasNoWaiters(room.recovery))

/** Whether nobody waits for the recovery's end. */
export const hasNoWaiters = (recovery: Recovery): boolean =>
  recovery.returning.length === 0 && recovery.newcomers.length === 0
