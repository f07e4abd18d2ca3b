import type { Millis } from '@skein/protocol'
import type { RoomInput, RoomOptions, RoomPolicy } from '@skein/protocol/room'
import type { StoreMoment } from '../backbone/store/store.ts'

export interface NewRoom {
  readonly name: string
  readonly policy: RoomPolicy
  readonly moment: StoreMoment
  /** The input that creates the room. */
  readonly input: RoomInput
  /** When the store's current life began; `null` when there was no earlier one. */
  readonly bornAt: Millis | null
  /** How long after `bornAt` resume tokens of an earlier life are accepted. */
  readonly rebuildWindowMs: Millis
  /** See `StoreLife`. */
  readonly mayHaveForked: boolean
}

/**
 * The core's options for a room that the store does not have. Soon after the store's start, an
 * earlier life may have had the room, so it may begin with a recovery.
 */
export const newRoomOptions = (options: NewRoom): RoomOptions => {
  const { name, policy, moment, input, bornAt, rebuildWindowMs, mayHaveForked } = options
  const { now, epoch } = moment
  if (bornAt === null || now >= bornAt + rebuildWindowMs) {
    return { name, epoch, policy, recoverUntil: null, keepUntil: null }
  }
  const common = { name, epoch, policy, mustRaiseTerm: mayHaveForked }
  const keepUntil = bornAt + rebuildWindowMs
  // A token of an earlier life proves that the room existed, so other members will resume too.
  if (input.type === 'resume') {
    const recoverUntil = now + policy.rebuildMs
    return { ...common, recoverUntil, keepUntil }
  }
  const waitUntil = bornAt + policy.rebuildMs
  return { ...common, recoverUntil: now < waitUntil ? waitUntil : null, keepUntil }
}
