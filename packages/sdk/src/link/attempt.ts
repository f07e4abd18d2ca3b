import type { Millis } from '@skein/protocol'
import type { LinkState } from '../api.ts'
import type { LinkEvent } from './link.ts'

/** A connection to the peer, as far as the ladder sees it. */
export interface Attempt {
  /** Its main frame channel is open. */
  readonly isOpen: boolean
  /** The other side has answered the offer, or made it. */
  readonly isAnswered: boolean
  /** The member that it goes through: `null` is better. */
  readonly via: string | null
}

/** What the ladder wants done. */
export interface LadderActions<Each extends Attempt> {
  /** Whether an offer would reach the peer, and this page has room for one more attempt. */
  readonly canCall: () => boolean
  /** Creates a connection beside the others, and makes an offer. Calls `added`. */
  readonly call: () => void
  /** From now on this connection carries the data. `use`: how many did before it. */
  readonly choose: (attempt: Each, use: number) => void
  /** No connection carries data. */
  readonly interrupt: () => void
  readonly drop: (attempt: Each) => void
  readonly ping: (attempt: Each) => void
  /** The link is silent: the socket to the server may be dead too. */
  readonly checkServer: () => void
  /** The network has changed: the socket to the server belongs to the old one. */
  readonly renewServer: () => void
  readonly setState: (state: LinkState, reason: string | null) => void
  /** Something has happened that the state does not tell. */
  readonly note: (event: LinkEvent) => void
}

/** How a new connection came about. */
export interface AttemptKind {
  /** The other side has made it. */
  readonly isOffered?: boolean
  /** It is to carry the data as soon as it is open, although nothing is wrong. */
  readonly isUpgrade?: boolean
}

export interface LadderOptions<Each extends Attempt> {
  readonly actions: LadderActions<Each>
  /** The polite side calls first. Of two choices at the same time, that of the other side counts. */
  readonly isPolite: boolean
  /** Spreads the calls of the two sides. */
  readonly random: () => number
  readonly now: Millis
}

/** What the ladder keeps of a connection. */
export interface AttemptEntry {
  /** It carried the data before: it never does again, as each side opens a connection only once. */
  isLeft: boolean
  /** The other side has chosen it, after that many others; 0 before. */
  peerUse: number
  readonly isUpgrade: boolean
  readonly addedAt: Millis
}
