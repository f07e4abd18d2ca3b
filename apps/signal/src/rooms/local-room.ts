import type { Millis } from '@skein/protocol'
import type { RoomInput } from '@skein/protocol/room'
import { CommitOrder } from './commit-order.ts'

/** An input on its way to the core. */
export interface Queued {
  readonly input: RoomInput
  /** Whether it may make the room when there is none. */
  readonly mayOpen: boolean
}

/** Does what is due, and shows whether the room is as it is known here. */
export const look: Queued = { input: { type: 'tick' }, mayOpen: false }

export const isArrival = ({ input }: Queued): boolean =>
  input.type === 'join' || input.type === 'resume'

/** A room as this node keeps it. */
export interface LocalRoom {
  readonly name: string
  readonly feed: CommitOrder
  queue: Queued[]
  isRunning: boolean
  /** Something of what it was to hear is lost for good. */
  isIncomplete: boolean
  /** Whether the last change was made here. */
  isOwn: boolean
  /** What to add to `performance.now()` to get the store's clock. */
  clockOffsetMs: Millis
  timer: NodeJS.Timeout | undefined
  missing: NodeJS.Timeout | undefined
}

export const newLocalRoom = (name: string): LocalRoom => ({
  name,
  feed: new CommitOrder(),
  queue: [],
  isRunning: false,
  isIncomplete: false,
  isOwn: false,
  clockOffsetMs: 0,
  timer: undefined,
  missing: undefined,
})
