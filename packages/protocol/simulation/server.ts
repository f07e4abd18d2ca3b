import { isDeepStrictEqual } from 'node:util'
import type { Millis } from '../src/ids.ts'
import {
  createRoom,
  isEmpty,
  type Room,
  type RoomInput,
  type RoomPolicy,
  step,
} from '../src/room/index.ts'
import { deepFreeze, demand } from './demand.ts'
import { checkTransition, type Transition } from './invariants.ts'

export const policy: RoomPolicy = {
  memberGraceMs: 10_000,
  hostGraceMs: 5_000,
  maxMembers: 5,
  rebuildMs: 5_000,
  tokenRenewMs: 40_000,
}

const joinsWaitMs = 5_000
const oldTokensMs = 60_000

/** What a shell does around the core: keeps the room, and judges tokens by the boot they are of. */
export class Server {
  room: Room | null = null
  boot = 1
  private lastEpoch = 0
  private bootAt: Millis

  constructor(bootAt: Millis) {
    this.bootAt = bootAt
  }

  restart(now: Millis): void {
    this.room = null
    this.boot += 1
    this.bootAt = now
  }

  /** What was due, then the input; `null`: refused without the core, as no room is known. */
  dispatch({ input, now, tokenBoot }: Arrival): readonly Transition[] | null {
    const isOld = tokenBoot !== null && tokenBoot < this.boot
    const before = this.room ?? this.roomFor({ input, now, isOld })
    if (before === null) return null
    const [after, effects] = step(deepFreeze(before), deepFreeze(input), now)
    const transitions = split({ before, input, now, after: deepFreeze(after), effects })
    for (const transition of transitions) checkTransition(transition)
    this.lastEpoch = Math.max(this.lastEpoch, after.epoch)
    this.room = isEmpty(after) ? null : after
    return transitions
  }

  private roomFor({
    input,
    now,
    isOld,
  }: Omit<Arrival, 'tokenBoot'> & { readonly isOld: boolean }): Room | null {
    const isYoung = this.boot > 1 && now < this.bootAt + oldTokensMs
    if (input.type !== 'join' && !(input.type === 'resume' && isYoung && isOld)) return null
    return createRoom({
      name: 'room',
      epoch: Math.max(now, this.lastEpoch + 1),
      policy,
      recoverUntil: this.recoverUntil(input, now),
      keepUntil: isYoung ? this.bootAt + oldTokensMs : null,
    })
  }

  private recoverUntil(input: RoomInput, now: Millis): Millis | null {
    if (input.type === 'resume') return now + policy.rebuildMs
    const until = this.bootAt + joinsWaitMs
    return this.boot > 1 && now < until ? until : null
  }
}

interface Arrival {
  readonly input: RoomInput
  readonly now: Millis
  /** Which life of the server wrote the token of a resume. */
  readonly tokenBoot: number | null
}

/** What was due and the input, one after the other: a late tick must not matter. */
const split = (whole: Transition): readonly Transition[] => {
  const { before, input, now } = whole
  const [settled, due] = step(before, { type: 'tick' }, now)
  if (settled === before || input.type === 'tick' || input.type === 'signal') return [whole]
  const [after, effects] = step(deepFreeze(settled), input, now)
  const isSame = isDeepStrictEqual([after, [...due, ...effects]], [whole.after, whole.effects])
  demand(isSame, 'what is due happens first')
  return [
    { before, input: { type: 'tick' }, now, after: settled, effects: due },
    { before: settled, input, now, after: whole.after, effects },
  ]
}
