/** All times are milliseconds since the epoch: every process of the laboratory shares the clock. */

/** A number that arrived: the number, when it was sent, when it arrived. */
export type Received = readonly [number: number, sentAt: number, at: number]
/** A number that `send` did not accept. */
export type Refused = readonly [number: number, at: number, code: string]
/** A new state of a link; `none` when the peer is not a member. */
export type StateChange = readonly [at: number, state: string, path: string | null]
/** The path that the link names, and the one that getStats shows. */
export type PathSample = readonly [at: number, said: string | null, actual: string | null]
export type MemberEvent = readonly [at: number, type: string, detail: string]

/** What a member saw of its link to one peer. */
export interface LinkLog {
  readonly received: readonly Received[]
  /** The numbers from 1 to this were sent. */
  readonly sent: number
  readonly refused: readonly Refused[]
  /** Numbers that `send` has neither accepted nor refused yet. */
  readonly pending: readonly number[]
  readonly states: readonly StateChange[]
  readonly paths: readonly PathSample[]
}

export interface Identity {
  readonly id: string
  readonly host: string | null
  readonly term: number
  readonly epoch: number
  readonly status: string
}

/** What one member saw. Links are named after the peer. */
export interface MemberLog {
  readonly links: Readonly<Record<string, LinkLog>>
  readonly events: readonly MemberEvent[]
  /** When each RTCPeerConnection was made. */
  readonly connections: readonly number[]
}
