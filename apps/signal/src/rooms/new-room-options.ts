import type { Millis } from '@skein/protocol'
import type { RoomInput, RoomOptions, RoomPolicy } from '@skein/protocol/room'
import type { StoreMoment } from '../backbone/store/store.ts'

export interface NewRoom {
  readonly name: string
  readonly policy: RoomPolicy
  readonly moment: StoreMoment
  /** What opens it. */
  readonly input: RoomInput
  /** When the store began to know of rooms; `null` when there can have been none before. */
  readonly bornAt: Millis | null
  /** How long after that tokens of before are accepted. */
  readonly acceptMs: Millis
}

/** A room that nobody knows, in the words of the core: in a young store it may have lived before. */
export const newRoomOptions = (options: NewRoom): RoomOptions => {
  const { name, policy, moment, input, bornAt, acceptMs } = options
  const { now, epoch } = moment
  if (bornAt === null || now >= bornAt + acceptMs) {
    return { name, epoch, policy, recoverUntil: null, keepUntil: null }
  }
  const keepUntil = bornAt + acceptMs
  // A token of an earlier life shows that the room was there: the others will come back too.
  if (input.type === 'resume') {
    return { name, epoch, policy, recoverUntil: now + policy.rebuildMs, keepUntil }
  }
  const waitUntil = bornAt + policy.rebuildMs
  return { name, epoch, policy, recoverUntil: now < waitUntil ? waitUntil : null, keepUntil }
}
