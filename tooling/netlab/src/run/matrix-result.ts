import type { Nat } from '../network/nat.ts'
import type { Label } from './label.ts'

/** Whether two members behind a pair of routers could exchange numbers. */
export interface PairResult extends Label {
  readonly type: 'pair'
  readonly nats: readonly [Nat, Nat]
  /** From the second `joinRoom` call until both links were open; `null`: not in time. */
  readonly openMs: number | null
  /** Until numbers had arrived on both sides. */
  readonly exchangeMs: number | null
  /** What the links said at the end. */
  readonly said: readonly (string | null)[]
  /** What getStats said, in a room of two. */
  readonly actual: readonly (string | null)[]
  readonly error: string | null
}
