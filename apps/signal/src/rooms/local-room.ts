import type { Millis } from '@skein/protocol'
import type { RoomInput } from '@skein/protocol/room'
import { CommitOrder } from './commit-order.ts'

/** An input that waits to be stepped. */
export interface QueuedInput {
  readonly input: RoomInput
  /** Whether it may create the room if there is none. */
  readonly mayCreate: boolean
}

/** Does what is due, and reads the room again, which shows whether this node's copy is current. */
export const tick: QueuedInput = { input: { type: 'tick' }, mayCreate: false }

export const isJoinOrResume = ({ input }: QueuedInput): boolean =>
  input.type === 'join' || input.type === 'resume'

/** The state that this node keeps for a room. */
export interface LocalRoom {
  readonly name: string
  readonly commits: CommitOrder
  queue: QueuedInput[]
  /** Inputs are being stepped and committed. */
  isRunning: boolean
  /** Room messages were lost for good, so the members on this node need a new welcome. */
  needsResync: boolean
  isLastCommitOwn: boolean
  /** Add this to this node's monotonic clock to get the store's. */
  clockOffsetMs: Millis
  cancelTick: () => void
  /** Limits how long missing commits are waited for. */
  cancelGapTimer: (() => void) | null
}

export const newLocalRoom = (name: string): LocalRoom => ({
  name,
  commits: new CommitOrder(),
  queue: [],
  isRunning: false,
  needsResync: false,
  isLastCommitOwn: false,
  clockOffsetMs: 0,
  cancelTick: () => {},
  cancelGapTimer: null,
})
